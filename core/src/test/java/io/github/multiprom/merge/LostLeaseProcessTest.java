package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Workers whose lease is deleted by a janitor, or whose lock is dropped by code of their own JVM,
 * beside a collector that sees their process, or does not, as from another container.
 */
class LostLeaseProcessTest {
  @TempDir Path path;

  private final Children children = new Children();
  private WorkerDirectory directory;
  private Process process;
  private ProcessHandle jvm;
  private Incarnation worker;

  @BeforeEach
  void open() {
    directory = new WorkerDirectory(path);
  }

  @AfterEach
  void close() {
    if (jvm != null) {
      jvm.destroyForcibly();
    }
    children.close();
    directory.close();
  }

  private void start(boolean elsewhere) throws Exception {
    if (elsewhere) {
      PidNamespaceProcessTest.assumePermitted();
    }
    process =
        children.start(
            elsewhere ? PidNamespaceProcessTest.UNSHARE : List.of(),
            LeaseLosingWorker.class,
            path.toString());
    assertEquals("ready", process.inputReader().readLine());
    jvm = elsewhere ? process.toHandle().children().findFirst().orElseThrow() : process.toHandle();
    try (DirectoryReader reader = new DirectoryReader(path)) {
      worker = reader.read().workers().get(0).worker().incarnation();
    }
    // Makes lock and spare, which the worker's first tick would make in the middle of a test.
    directory.retire();
  }

  private void tell(String command) throws IOException {
    process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    assertEquals("done", process.inputReader().readLine());
  }

  private void signal(String name) throws Exception {
    Children.signal(jvm, name);
  }

  private void kill() throws Exception {
    jvm.destroyForcibly();
    Children.await(process);
  }

  private int retired() {
    for (var family : directory.collector.collect()) {
      for (var sample : family.samples) {
        if (sample.name.equals("multiprom_retired_workers_total")) {
          return (int) sample.value;
        }
      }
    }
    return 0;
  }

  private boolean showsInFlight() {
    return directory.samples().contains("in_flight 3.0");
  }

  private Path lease() {
    return Killable.lease(path, worker);
  }

  /** Nothing is left of the worker but what it counted. */
  private void assertRetired(double count) throws IOException {
    assertEquals(1, retired());
    assertEquals(count, directory.value("c_total"));
    assertFalse(showsInFlight());
    try (var files = Files.list(path)) {
      String id = worker.toString();
      assertEquals(
          List.of(), files.filter(file -> file.getFileName().toString().contains(id)).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLeaseThatWasDeletedIsMadeAgain(boolean elsewhere) throws Exception {
    start(elsewhere);
    Files.delete(lease());
    Children.await(
        () -> {
          assertTrue(showsInFlight());
          return Killable.isLeased(path, worker);
        },
        "the lease is not made again");
    tell("count");
    directory.retire();
    assertEquals(0, retired());
    kill();
    assertFalse(showsInFlight());
    if (elsewhere) {
      Killable.ageBeat(path, worker, 6);
    }
    directory.retire();
    assertRetired(1001);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWorkerThatCannotMakeItsLeaseAgainIsRetiredInTime(boolean elsewhere) throws Exception {
    start(elsewhere);
    signal("STOP");
    Files.delete(lease());
    directory.retire();
    assertTrue(showsInFlight());
    assertEquals(0, retired());
    kill();
    if (elsewhere) {
      Killable.ageBeat(path, worker, 50);
      directory.retire();
      assertEquals(0, retired());
      Killable.ageBeat(path, worker, 61);
    }
    assertFalse(showsInFlight());
    assertEquals(1000, directory.value("c_total"));
    directory.retire();
    assertRetired(1000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLockThatTheApplicationDropsComesBack(boolean elsewhere) throws Exception {
    start(elsewhere);
    for (int i = 0; i < 2; i++) {
      tell("read all files");
      Children.await(
          () -> {
            retire();
            assertEquals(0, retired());
            assertEquals(1000, directory.value("c_total"));
            assertTrue(elsewhere || showsInFlight());
            return Killable.isLeased(path, worker);
          },
          "the lock does not come back");
      Children.await(this::showsInFlight, "the worker stays dead");
    }
    kill();
    assertFalse(showsInFlight());
  }

  private void retire() {
    try {
      directory.retire();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStoppedWorkerIsLiveHoweverLong(boolean elsewhere) throws Exception {
    start(elsewhere);
    signal("STOP");
    Killable.ageBeat(path, worker, 100_000);
    assertTrue(showsInFlight());
    directory.retire();
    assertEquals(0, retired());
    signal("CONT");
    tell("count");
    assertEquals(1001, directory.value("c_total"));
  }

  @Test
  void aStoppedWorkerThatWasRetiredWronglyIsCountedOnce() throws Exception {
    start(true);
    do {
      signal("CONT");
      tell("read all files");
      signal("STOP");
      // Unless its tick came first.
    } while (Killable.isLeased(path, worker));
    directory.retire();
    assertEquals(0, retired());
    Killable.ageBeat(path, worker, 6);
    directory.retire();
    assertRetired(1000);
    signal("CONT");
    Children.await(this::showsInFlight, "the worker does not go on");
    assertEquals(1000, directory.value("c_total"));
    tell("count");
    assertEquals(1001, directory.value("c_total"));
    kill();
    assertEquals(1001, directory.value("c_total"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aClosedWorkerIsRetiredAtOnceThoughItsJvmGoesOn(boolean elsewhere) throws Exception {
    start(elsewhere);
    tell("close");
    assertFalse(showsInFlight());
    directory.retire();
    assertRetired(1000);
    assertTrue(jvm.isAlive());
  }

  @Test
  void aWorkerThatWasKilledInSightIsRetiredAtOnce() throws Exception {
    start(false);
    kill();
    directory.retire();
    assertRetired(1000);
  }

  @Test
  void workersOfAnEarlierBootAreRetired() throws Exception {
    try (var before = new WorkerDirectory.Worker(Killable.workerOfAnEarlierBoot(path, "w"))) {
      before.counter(WorkerDirectory.counter("c")).add(5);
      worker = before.writer.info().incarnation();
      before.kill();
    }
    directory.retire();
    assertRetired(5);
  }

  @Test
  void aWorkerThatWasKilledWhileItMadeItsLeaseAgainIsRetired() throws Exception {
    try (var before = directory.killableWorker("w")) {
      before.counter(WorkerDirectory.counter("c")).add(5);
      worker = before.writer.info().incarnation();
      before.kill();
    }
    Path unnamed = lease().resolveSibling(worker + ".lease.tmp");
    Files.move(lease(), unnamed);
    Files.setLastModifiedTime(unnamed, FileTime.fromMillis(0));
    directory.retire();
    assertRetired(5);
  }

  @Test
  void aFileThatNeverGotItsNameGoesAlthoughItsLeaseWasDeleted() throws Exception {
    Path unnamed = path.resolve("0123456789abcdef0123456789abcdef.worker.tmp");
    Files.createFile(unnamed);
    directory.retire();
    assertTrue(Files.exists(unnamed), "its worker may be about to name it");
    Files.setLastModifiedTime(unnamed, FileTime.fromMillis(0));
    directory.retire();
    assertFalse(Files.exists(unnamed));
  }

  @Test
  @Tag("field")
  void aWorkerThatWasKilledElsewhereIsRetiredAfterFiveSeconds() throws Exception {
    start(true);
    kill();
    long end = System.nanoTime();
    Children.await(
        () -> {
          retire();
          return retired() == 1;
        },
        "it is not retired");
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - end);
    // Its last beat may have been long before it was killed, on a machine that is busy.
    assertTrue(seconds >= 1, seconds + " s");
    assertRetired(1000);
  }
}
