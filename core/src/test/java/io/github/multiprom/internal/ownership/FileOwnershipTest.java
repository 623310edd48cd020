package io.github.multiprom.internal.ownership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.os.Incarnations;
import io.github.multiprom.internal.os.ProcessUser;
import io.github.multiprom.internal.ownership.FileSharing.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileOwnershipTest {
  private static final int APP = 1001;
  private static final int SIDECAR = 1002;
  private static final int METRICS = 2000;

  @TempDir Path path;
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createDirectory(path.resolve("metrics"));
  }

  private static ProcessUser user(long uid) {
    return new ProcessUser(uid, uid == 0, ProcessUser.ALL_IDS);
  }

  private FileOwnership of(int owner, int group, int mode, ProcessUser self) throws IOException {
    assumeTrue(ProcessUser.current().mayGiveFiles(), "only root can give files away");
    Files.setAttribute(directory, "unix:uid", owner);
    Files.setAttribute(directory, "unix:gid", group);
    Files.setAttribute(directory, "unix:mode", mode);
    return FileOwnership.of(directory, self);
  }

  private static String bits(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static int uid(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:uid");
  }

  private static int gid(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:gid");
  }

  @ParameterizedTest
  @CsvSource({
    "0700, rw-------, rw-------, rw-------",
    "0750, rw-r-----, rw-r-----, rw-------",
    "0755, rw-r--r--, rw-r--r--, rw-------",
    "2770, rw-r-----, rw-rw----, rw-rw----",
    "0775, rw-r--r--, rw-rw-r--, rw-rw----",
    "2777, rw-r--r--, rw-rw-rw-, rw-rw-rw-",
    "1777, rw-r--r--, rw-r--r--, rw-------",
    "1770, rw-r-----, rw-r-----, rw-------",
  })
  void givesFilesTheBitsOfTheDirectory(String mode, String worker, String ledger, String lock)
      throws IOException {
    FileOwnership ownership = of(APP, METRICS, Integer.parseInt(mode, 8), user(0));
    sharing(ownership).create(directory.resolve("worker"), Access.READ);
    sharing(ownership).create(directory.resolve("ledger"), Access.LEDGER);
    sharing(ownership).provideLock();
    assertEquals(worker, bits(directory.resolve("worker")));
    assertEquals(ledger, bits(directory.resolve("ledger")));
    assertEquals(lock, bits(ownership.lock()));
    assertEquals(METRICS, gid(directory.resolve("worker")));
    assertEquals(0, uid(directory.resolve("worker")));
    assertEquals(ownership.isShared() ? 0 : APP, uid(directory.resolve("ledger")));
    assertEquals(ownership.isShared() ? 0 : APP, uid(ownership.lock()));
  }

  private static FileSharing sharing(FileOwnership ownership) {
    return new FileSharing(ownership);
  }

  @Test
  void namesALedgerForEachUserOfAStickyDirectory() throws IOException {
    FileOwnership ownership = of(0, 0, 01777, user(APP));
    assertEquals(directory.resolve("multiprom.retained.1001"), ownership.retained());
    assertEquals(directory.resolve("multiprom.spare.1001"), ownership.spare());
    assertEquals(directory.resolve("multiprom.lock.1001"), ownership.lock());
    assertEquals(directory.resolve("multiprom.lock.1002"), ownership.inNameOf(SIDECAR).lock());
    assertEquals(
        directory.resolve("multiprom.lock"), of(0, 0, 0777, user(APP)).inNameOf(SIDECAR).lock());
  }

  @Test
  void namesALedgerByTheIdOutsideOfAUserNamespace() throws IOException {
    FileOwnership ownership = of(0, 0, 01777, new ProcessUser(0, false, "0 1001 1\n"));
    assertEquals(directory.resolve("multiprom.lock.1001"), ownership.lock());
    assertEquals(0, ownership.userOf(FileName.parse("multiprom.retained.1001")));
    assertFalse(ownership.trusts(ownership.userOf(FileName.parse("multiprom.retained.1002"))));
    assertEquals(FileName.NO_UID, ownership.userOf(FileName.parse("multiprom.retained")));
  }

  @Test
  void givesALedgerToItsUser() throws IOException {
    FileOwnership ownership = of(0, 0, 01777, user(0)).inNameOf(APP);
    sharing(ownership).provideLock();
    assertEquals(APP, uid(ownership.lock()));
    sharing(ownership).create(ownership.retained(), Access.LEDGER);
    assertEquals(APP, uid(ownership.retained()));
  }

  @Test
  void trustsEverybodyWithoutTheStickyBit() throws IOException {
    assertTrue(of(APP, METRICS, 02770, user(SIDECAR)).trusts(4711));
  }

  @Test
  void trustsItselfRootAndTheDirectorysOwnerInAStickyDirectory() throws IOException {
    FileOwnership ownership = of(APP, METRICS, 01777, user(SIDECAR));
    for (long trusted : List.of(APP, SIDECAR, 0)) {
      assertTrue(ownership.trusts(trusted), "uid " + trusted);
    }
    assertFalse(ownership.trusts(4711));
    assertTrue(of(APP, METRICS, 01777, user(0)).trusts(4711));
  }

  @Test
  void trustsNobodyWhomAUserNamespaceDoesNotKnow() throws IOException {
    int nobody = 65534;
    FileOwnership root = of(nobody, nobody, 01777, new ProcessUser(0, true, "0 1001 1\n"));
    assertFalse(root.trusts(nobody));
    FileOwnership unknown = FileOwnership.of(directory, new ProcessUser(nobody, false, ""));
    assertFalse(unknown.trusts(nobody));
    assertNotNull(unknown.reasonNotToRetire());
    assertEquals(List.of(), unknown.ledgers());
    assertNotNull(
        of(nobody, nobody, 02770, new ProcessUser(nobody, false, "")).reasonNotToRetire());
    assertNull(of(nobody, nobody, 0777, new ProcessUser(nobody, false, "")).reasonNotToRetire());
  }

  @Test
  void trustsALedgerOfItsUserOnly() throws IOException {
    FileOwnership ownership = of(0, 0, 01777, user(0));
    Path forged = Files.createFile(directory.resolve("multiprom.retained.1001"));
    Files.setAttribute(forged, "unix:uid", SIDECAR);
    assertFalse(ownership.trustsLedger(forged, APP));
    assertTrue(ownership.trustsLedger(forged, SIDECAR));
  }

  @Test
  void retiresWhereTheOwnerCanGoOnAfterwards() throws IOException {
    assertNull(of(APP, METRICS, 0750, user(APP)).reasonNotToRetire());
    assertNull(of(APP, METRICS, 0750, user(0)).reasonNotToRetire());
    assertNull(of(APP, METRICS, 0777, user(SIDECAR)).reasonNotToRetire());
    assertNull(of(0, METRICS, 02770, user(SIDECAR)).reasonNotToRetire());
    assertNull(of(0, 0, 01777, user(SIDECAR)).reasonNotToRetire());
    FileOwnership sidecar = of(APP, METRICS, 02770, user(SIDECAR));
    String reason = sidecar.reasonNotToRetire();
    assertTrue(reason.contains("uid 1001") && reason.contains("uid 1002"), reason);
    assertThrows(IOException.class, () -> sharing(sidecar).provideLock());
    assertNotNull(
        of(APP, METRICS, 0750, new ProcessUser(0, false, ProcessUser.ALL_IDS)).reasonNotToRetire());
  }

  @Test
  void leavesAForeignFileOfTheLocksNameAlone() throws IOException {
    FileOwnership ownership = FileOwnership.of(directory);
    Files.writeString(ownership.lock(), "mine");
    assertThrows(IOException.class, () -> sharing(ownership).provideLock());
    assertEquals("mine", Files.readString(ownership.lock()));
  }

  @Test
  void makesALockOfOneName() throws IOException {
    FileOwnership ownership = FileOwnership.of(directory);
    sharing(ownership).provideLock();
    sharing(ownership).provideLock();
    assertEquals(1, Files.getAttribute(ownership.lock(), "unix:nlink"));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(ownership.lock()), files.toList());
    }
  }

  @Test
  void usesALockThatAKillLeftWithItsTemporaryName() throws IOException {
    FileOwnership ownership = FileOwnership.of(directory);
    Path temporary = StoreFiles.newLock(directory, Incarnations.newId());
    sharing(ownership).create(temporary, Access.LOCK);
    Files.createLink(ownership.lock(), temporary);
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      RetiringPass.begin(RetiringPass.users(reader).get(0), reader).close();
      assertTrue(Files.exists(temporary), "it may be one that is just made");
      Files.setLastModifiedTime(temporary, FileTime.fromMillis(1));
      RetiringPass.begin(RetiringPass.users(reader).get(0), reader).close();
    }
    assertTrue(Files.notExists(temporary));
    assertTrue(Files.exists(ownership.lock()));
  }

  @Test
  void sharesNoFileThatHasAnotherName() throws IOException {
    FileOwnership ownership = of(APP, METRICS, 02777, user(0));
    Path secret = Files.writeString(path.resolve("secret"), "of root");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Path swapped = Files.createLink(directory.resolve("multiprom.spare.tmp"), secret);
    assertThrows(IOException.class, () -> sharing(ownership).share(swapped, Access.LEDGER));
    assertEquals("rw-------", bits(secret));
    assertEquals(0, uid(secret));
  }

  @Test
  void createsNothingThroughALink() throws IOException {
    FileOwnership ownership = FileOwnership.of(directory);
    Path target = path.resolve("target");
    Path link = Files.createSymbolicLink(directory.resolve("link"), target);
    assertThrows(IOException.class, () -> sharing(ownership).create(link, Access.READ));
    assertTrue(Files.notExists(target));
  }
}
