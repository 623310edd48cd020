package io.github.multiprom.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.ownership.FileOwnership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessUserTest {
  private static final String STATUS =
      "Name:\tUid: 7\nUmask:\t0022\nUid:\t1000\t1001\t1000\t1000\nCapEff:\t%s\n";

  @Test
  void isTheEffectiveOne() {
    assertEquals(1001, ProcessUser.parse(STATUS.formatted("0"), "").uid());
  }

  @Test
  void isUnknownWithoutProc() {
    assertEquals(ProcessUser.UNKNOWN, ProcessUser.parse("", "").uid());
    assertFalse(ProcessUser.parse("", "").mayGiveFiles());
  }

  @Test
  void mayGiveFilesWithTheCapability() {
    assertTrue(ProcessUser.parse(STATUS.formatted("000001ffffffffff"), "").mayGiveFiles());
    assertTrue(ProcessUser.parse(STATUS.formatted("0000000000000001"), "").mayGiveFiles());
    assertFalse(ProcessUser.parse(STATUS.formatted("000001fffffffffe"), "").mayGiveFiles());
    assertFalse(ProcessUser.parse(STATUS.formatted("0000000000000000"), "").mayGiveFiles());
  }

  @Test
  void knowsWhichIdsAreMapped() {
    ProcessUser user =
        ProcessUser.parse(STATUS.formatted("0"), "         0       1000          1\n 1 100000 9\n");
    assertTrue(user.isMapped(0));
    assertTrue(user.isMapped(9));
    assertFalse(user.isMapped(10));
    assertFalse(user.isMapped(65534));
    assertFalse(ProcessUser.parse("", "").isMapped(0), "a new user namespace");
    assertTrue(ProcessUser.parse("", ProcessUser.ALL_IDS).isMapped(65534));
  }

  @Test
  void knowsUsersByTheirIdsOutsideOfANamespace() {
    ProcessUser user = ProcessUser.parse(STATUS.formatted("0"), "0 1000 1\n1 100000 9\n");
    assertEquals(1000, user.outside(0));
    assertEquals(100008, user.outside(9));
    assertEquals(ProcessUser.UNKNOWN, user.outside(10));
    assertEquals(0, user.inside(1000));
    assertEquals(9, user.inside(100008));
    assertEquals(ProcessUser.UNKNOWN, user.inside(0));
  }

  @Test
  void isTheOneWhoOwnsWhatTheProcessMakes(@TempDir Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertEquals(ProcessUser.current().uid(), FileOwnership.ownerOf(file));
  }
}
