package io.github.multiprom.internal.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.FileStatus;
import io.github.multiprom.internal.directory.MetricsDirectory;
import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers whose headers name processes of the test's choice. */
class LivenessTest {
  private static final long FRESH = 0;
  private static final long SECONDS_6 = 6;
  private static final long SECONDS_61 = 61;
  private static final long SECONDS_AHEAD = -1000;

  @TempDir Path directory;

  private final List<MappedIncarnation> leased = new ArrayList<>();

  @AfterEach
  void giveUpLeases() {
    leased.forEach(MappedIncarnation::close);
  }

  /** A worker of a process. */
  private Incarnation worker(ProcessIdentity process) throws IOException {
    MappedIncarnation worker = Killable.worker(directory, "w", process);
    leased.add(worker);
    return worker.info().incarnation();
  }

  /** A worker of a process that has lost its lock. */
  private Incarnation free(ProcessIdentity process) throws IOException {
    MappedIncarnation worker = Killable.worker(directory, "w", process);
    Killable.kill(worker);
    return worker.info().incarnation();
  }

  /** A worker of a process that has announced its exit and lost its lock. */
  private Incarnation exited(ProcessIdentity process) throws IOException {
    MappedIncarnation worker = Killable.worker(directory, "w", process);
    worker.close();
    return worker.info().incarnation();
  }

  private Incarnation withoutLease(Incarnation worker) throws IOException {
    Files.delete(StoreFiles.lease(directory, worker));
    return worker;
  }

  private boolean isLive(Incarnation worker, long beatAge) throws IOException {
    Killable.ageBeat(directory, worker, beatAge);
    return Fixtures.find(Fixtures.read(directory), worker).live();
  }

  private boolean isSurelyDead(Incarnation worker, long beatAge) throws IOException {
    Killable.ageBeat(directory, worker, beatAge);
    Path path = StoreFiles.worker(directory, worker);
    try (WorkerFileReader file = WorkerFileReader.open(path, new LabelInterner())) {
      file.readWords();
      return new Liveness(directory).isSurelyDead(file.worker(), file.lifeSigns());
    }
  }

  /** A process that runs, and is not this one. */
  private static ProcessIdentity running() {
    ProcessIdentity self = ProcessIdentity.current();
    long parent = ProcessHandle.current().parent().orElseThrow().pid();
    return new ProcessIdentity(
        parent,
        ProcessIdentity.startTicks(ProcessIdentity.text("/proc/" + parent + "/stat")),
        self.pidNamespace(),
        self.bootId(),
        self.host());
  }

  private static ProcessIdentity ofBoot(Incarnation bootId) {
    ProcessIdentity self = ProcessIdentity.current();
    return new ProcessIdentity(
        self.pid(), self.startTicks(), self.pidNamespace(), bootId, self.host());
  }

  @Test
  void takesAWorkerWithALeaseForLiveWhateverElseItSees() throws IOException {
    for (ProcessIdentity process :
        new ProcessIdentity[] {
          running(), Killable.gone(), Killable.invisible(), ofBoot(new Incarnation(1, 2))
        }) {
      Incarnation worker = worker(process);
      assertTrue(isLive(worker, SECONDS_61));
      assertFalse(isSurelyDead(worker, SECONDS_61));
    }
  }

  @Test
  void neverTakesAProcessThatRunsForDeadUnlessItsWorkerWasClosed() throws IOException {
    Incarnation free = free(running());
    Incarnation missing = withoutLease(free(running()));
    for (Incarnation worker : new Incarnation[] {free, missing}) {
      assertTrue(isLive(worker, SECONDS_61));
      assertFalse(isSurelyDead(worker, SECONDS_61));
    }
    Incarnation closed = exited(running());
    assertFalse(isLive(closed, FRESH));
    assertTrue(isSurelyDead(closed, FRESH));
    // Its lease may have been deleted before its exit: the tick may be about to make it again.
    withoutLease(closed);
    assertTrue(isLive(closed, FRESH));
    assertFalse(isSurelyDead(closed, SECONDS_6));
    assertFalse(isLive(closed, SECONDS_61));
    assertTrue(isSurelyDead(closed, SECONDS_61));
  }

  @Test
  void takesAProcessThatIsSeenGoneForDeadAtOnce() throws IOException {
    Incarnation free = free(Killable.gone());
    Incarnation missing = withoutLease(free(Killable.gone()));
    Incarnation exited = withoutLease(exited(Killable.gone()));
    for (Incarnation worker : new Incarnation[] {free, missing, exited}) {
      assertFalse(isLive(worker, FRESH));
      assertTrue(isSurelyDead(worker, FRESH));
    }
  }

  @Test
  void goesByTheBeatOfAProcessThatItCannotSee() throws IOException {
    Incarnation free = free(Killable.invisible());
    assertFalse(isLive(free, FRESH));
    assertFalse(isSurelyDead(free, FRESH));
    assertFalse(isSurelyDead(free, SECONDS_AHEAD));
    assertTrue(isSurelyDead(free, SECONDS_6));

    Incarnation missing = withoutLease(free(Killable.invisible()));
    assertTrue(isLive(missing, SECONDS_6));
    assertFalse(isSurelyDead(missing, SECONDS_6));
    assertFalse(isLive(missing, SECONDS_61));
    assertTrue(isSurelyDead(missing, SECONDS_61));

    Incarnation exited = exited(Killable.invisible());
    assertTrue(isSurelyDead(exited, FRESH));
    withoutLease(exited);
    assertFalse(isLive(exited, FRESH));
    assertFalse(isSurelyDead(exited, SECONDS_6));
    assertTrue(isSurelyDead(exited, SECONDS_61));
  }

  @Test
  void takesWorkersOfAnEarlierBootForDead() throws IOException {
    Incarnation free = free(ofBoot(new Incarnation(1, 2)));
    Incarnation missing = withoutLease(free(ofBoot(new Incarnation(1, 2))));
    for (Incarnation worker : new Incarnation[] {free, missing}) {
      assertFalse(isLive(worker, FRESH));
      assertTrue(isSurelyDead(worker, SECONDS_AHEAD));
    }
  }

  @Test
  void knowsNothingOfAWorkerWithoutABootId() throws IOException {
    Incarnation unknown = free(ofBoot(new Incarnation(0, 0)));
    assertFalse(isLive(unknown, SECONDS_61));
    assertFalse(isSurelyDead(unknown, SECONDS_61));
    assertTrue(isSurelyDead(exited(ofBoot(new Incarnation(0, 0))), FRESH));
  }

  @Test
  void takesADeadWorkerThatBeatsForLiveAgain() throws IOException {
    Incarnation worker = free(Killable.invisible());
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      assertFalse(Fixtures.find(reader.read(), worker).live());
      assertFalse(Fixtures.find(reader.read(), worker).live());
      Killable.ageBeat(directory, worker, FRESH);
      assertTrue(Fixtures.find(reader.read(), worker).live());
      assertTrue(Fixtures.find(reader.read(), worker).live(), "between two beats");
      Killable.ageBeat(directory, worker, SECONDS_6);
      assertFalse(Fixtures.find(reader.read(), worker).live());
    }
  }

  @Test
  void saysTheSameToAnOperator() throws IOException {
    worker(Killable.invisible());
    free(Killable.invisible());
    free(running());
    free(Killable.gone());
    withoutLease(free(Killable.invisible()));
    int live = 0;
    for (FileStatus file : new MetricsDirectory(directory).files()) {
      boolean read =
          Fixtures.find(Fixtures.read(directory), file.snapshot().worker().incarnation()).live();
      assertEquals(read, file.snapshot().live());
      live += read ? 1 : 0;
    }
    assertEquals(3, live);
  }
}
