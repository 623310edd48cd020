package io.github.multiprom.internal.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.file.WorkerFileLayout;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.os.Incarnations;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.RetiringNow;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class MetricsDirectoryTest {
  /** Names that are close to ours. */
  private static final List<String> FOREIGN =
      List.of(
          "dhclient.lease",
          "my-notes.chronicle",
          "mail.lease.tmp",
          "backup.worker",
          "backup.worker.tmp",
          "backup.lease",
          "retained",
          "retained.tmp",
          "directory.lock",
          "notes.tmp",
          ".tmp",
          ".worker",
          "multiprom.lock.1001x",
          "multiprom.spare.old",
          "multiprom.retained.01",
          "multiprom.port-",
          "multiprom.port-http",
          "multiprom.port-9464.tmp",
          "multiprom.port-9464.",
          "0123456789ABCDEF0123456789ABCDEF.lease",
          "0123456789abcdef0123456789abcdef.lock",
          "0123456789abcdef0123456789abcdef.worker.bak",
          "0123456789abcdef0123456789abcdef0.lease");

  @TempDir Path directory;

  private Path write(String name, String content) throws IOException {
    Path file = Files.writeString(directory.resolve(name), content);
    return Files.setLastModifiedTime(file, FileTime.fromMillis(1));
  }

  private MappedIncarnation open() throws IOException {
    MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
    Fixtures.addCounter(worker, "c").add(1);
    return worker;
  }

  private int clean(boolean evenLive) throws IOException {
    return new MetricsDirectory(directory).clean(evenLive);
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void leavesForeignFilesAlone() throws IOException {
    Map<String, String> contents = new TreeMap<>();
    for (String name : FOREIGN) {
      write(name, "mine: " + name);
      contents.put(name, "mine: " + name);
    }
    open().close();
    RetiringNow.retire(directory);
    open().close();
    assertEquals(
        1, new MetricsDirectory(directory).files().stream().filter(f -> f.retained()).count());
    assertEquals(2, new MetricsDirectory(directory).files().size());
    assertEquals(FOREIGN.size(), new MetricsDirectory(directory).foreignFiles());
    assertTrue(clean(true) > 0);
    List<String> left = names();
    assertEquals(FOREIGN.size() + 1, left.size(), left::toString);
    for (String name : FOREIGN) {
      assertEquals(contents.get(name), Files.readString(directory.resolve(name)));
    }
  }

  @Test
  void makesNothingWhereAllFilesAreForeign() throws IOException {
    write("notes.txt", "mine");
    assertEquals(0, clean(false));
    assertEquals(0, clean(true));
    RetiringNow.retire(directory);
    assertEquals(1, new MetricsDirectory(directory).repair().size());
    assertEquals(List.of("notes.txt"), names());
  }

  @Test
  void leavesForeignFilesOfItsOwnNamesAlone() throws IOException {
    write(StoreFiles.RETAINED_NAME, "mine, as it happens");
    write(StoreFiles.SPARE_NAME, "mine");
    open().close();
    assertTrue(clean(true) > 0);
    assertEquals(
        List.of(StoreFiles.LOCK_NAME, StoreFiles.RETAINED_NAME, StoreFiles.SPARE_NAME), names());
    assertEquals("mine", Files.readString(directory.resolve(StoreFiles.SPARE_NAME)));
  }

  @Test
  void deletesWhatWorkersAndPassesLeft() throws IOException {
    open().close();
    RetiringNow.retire(directory);
    open().close();
    Incarnation killed = Incarnations.newId();
    write(killed + ".lease.tmp", "");
    write(killed + ".worker.tmp", "");
    write(killed + ".chronicle.tmp", "");
    write(killed + ".chronicle", "");
    write(killed + ".lock.tmp", "");
    write("multiprom.retained.tmp", "");
    write("multiprom.spare.tmp", "");
    clean(false);
    assertEquals(List.of(StoreFiles.LOCK_NAME), names());
  }

  @Test
  void cleansNothingWhileAWorkerIsLive() throws IOException {
    open().close();
    try (MappedIncarnation live = open()) {
      int before = names().size();
      assertEquals(-1, clean(false));
      assertEquals(before + 1, names().size(), "the lock");
      assertTrue(live.isReachable());
      assertTrue(clean(true) > 0);
      assertEquals(List.of(StoreFiles.LOCK_NAME), names());
    }
  }

  @Test
  void asksTheLeaseOfTheFilesNameWhateverTheFileSays() throws IOException {
    try (MappedIncarnation live = open()) {
      Files.writeString(StoreFiles.worker(directory, live.info().incarnation()), "damaged");
      assertEquals(-1, clean(false));
      assertTrue(names().contains(live.info().incarnation() + ".worker"));
    }
  }

  @Test
  void cleansNothingThatAWorkerIsJustMaking() throws IOException {
    Incarnation starting = Incarnations.newId();
    Path lease = Files.createFile(directory.resolve(starting + ".lease.tmp"));
    Path half = Files.createFile(directory.resolve(starting + ".worker.tmp"));
    assertEquals(0, clean(false));
    assertTrue(Files.exists(lease) && Files.exists(half));
    assertEquals(2, clean(true));
  }

  @Test
  void retiringDeletesNoMapThatAWorkerIsJustMaking() throws IOException {
    Incarnation starting = Incarnations.newId();
    // Its lease was deleted meanwhile.
    Files.createFile(directory.resolve(starting + ".chronicle"));
    write(Incarnations.newId() + ".chronicle", "");
    RetiringNow.retire(directory);
    assertEquals(
        List.of(starting + ".chronicle", StoreFiles.LOCK_NAME, StoreFiles.SPARE_NAME), names());
  }

  @Test
  void retiringDeletesLocksOfPortsThatNobodyHolds() throws IOException {
    write("multiprom.port-9464-4026531840", "");
    Path held = write("multiprom.port-9464-4026531841", "");
    Files.createFile(directory.resolve("multiprom.port-9464-4026531842"));
    write("multiprom.port-9464-4026531843", "not empty");
    LockFiles.Held lock = LockFiles.tryLock(held);
    RetiringNow.retire(directory);
    lock.release();
    assertEquals(
        List.of(
            StoreFiles.LOCK_NAME,
            "multiprom.port-9464-4026531841",
            "multiprom.port-9464-4026531842",
            "multiprom.port-9464-4026531843",
            StoreFiles.SPARE_NAME),
        names());
  }

  @Test
  void cleansNothingOfALaterRelease() throws IOException {
    MappedIncarnation later = open();
    later.close();
    open().close();
    Path file = StoreFiles.worker(directory, later.info().incarnation());
    byte[] bytes = Files.readAllBytes(file);
    bytes[WorkerFileLayout.VERSION_OFFSET]++;
    Files.write(file, bytes);
    assertEquals(StoreUnderTest.workerFileCount(), clean(false));
    assertTrue(Files.exists(file));
    assertEquals(StoreUnderTest.workerFileCount(), clean(true));
  }

  @Test
  void cleansNothingOfAWorkerThatIsOpening() throws IOException {
    Incarnation starting = Incarnations.newId();
    Path lease = write(starting + ".lease.tmp", "");
    LockFiles.Held held = LockFiles.tryLock(lease);
    write(starting + ".worker.tmp", "");
    assertEquals(-1, clean(false));
    held.release();
    assertEquals(2, clean(false));
  }
}
