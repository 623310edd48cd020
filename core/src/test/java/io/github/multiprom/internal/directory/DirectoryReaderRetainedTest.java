package io.github.multiprom.internal.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.file.WorkerFileLayout;
import io.github.multiprom.internal.lease.LockList;
import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.RetainedSeries;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class DirectoryReaderRetainedTest {
  private static final FamilyDescriptor C = Fixtures.counter("c");

  @TempDir Path directory;

  /** A worker that can die without this process: its pid is nobody's. */
  private MappedIncarnation worker(double count) throws IOException {
    WorkerInfo self = MappedIncarnation.newInfo(Fixtures.OPTIONS, ProcessIdentity.current());
    WorkerInfo other =
        new WorkerInfo(
            self.incarnation(),
            self.workerName(),
            self.host(),
            Integer.MAX_VALUE,
            1,
            self.pidNamespace(),
            self.bootId(),
            EpochClock.nowNanos(),
            self.maxSeries());
    MappedIncarnation worker =
        MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS, other, CrashPoint.NONE);
    Fixtures.addCounter(worker, "c").add(count);
    return worker;
  }

  /** Moves a dead worker, whose count is known, into the totals. */
  private void retire(DirectoryReader reader, Incarnation worker, double count) throws IOException {
    try (RetiringPass pass = RetiringPass.begin(RetiringPass.users(reader).get(0), reader)) {
      Snapshot dead = Fixtures.find(pass.snapshot(), worker);
      double[] high = {count};
      RetainedSeries share =
          new RetainedSeries(List.of(), 1, EpochClock.nowNanos(), "", high, new double[1]);
      pass.commit(List.of(new RetainedFamily(C, List.of(share))), List.of(dead.worker()), 1);
    }
  }

  private static double total(DirectorySnapshot snapshot) {
    double total = 0;
    for (Snapshot worker : snapshot.workers()) {
      total += Fixtures.sumOf(worker, "c");
    }
    return total + snapshot.retained().stream().mapToDouble(all -> Fixtures.sumOf(all, "c")).sum();
  }

  @Test
  void readsWhatAWorkerPublishedWhileItsLeaseWasProbed() throws Exception {
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      MappedIncarnation worker = worker(1);
      CompletableFuture<DirectorySnapshot> read = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  read.complete(reader.read());
                } catch (IOException e) {
                  read.completeExceptionally(e);
                }
              });
      // The mutex of all probes: the reader has read the header's words when it waits for it.
      synchronized (LockList.fileSystemOf(directory.resolve("any"))) {
        thread.start();
        Children.await(() -> thread.getState() == Thread.State.BLOCKED, "the reader's probe");
        Fixtures.addCounter(worker, "late").add(2);
        worker.abandon();
      }
      Snapshot dead = Fixtures.find(read.get(30, TimeUnit.SECONDS), worker.info().incarnation());
      assertFalse(dead.live());
      assertEquals(2, Fixtures.sumOf(dead, "late"));
    }
  }

  @Test
  void losesNothingWhileTheTotalsCannotBeRead() throws IOException {
    MappedIncarnation first = worker(1);
    MappedIncarnation second = worker(2);
    first.abandon();
    second.abandon();
    try (DirectoryReader reader = new DirectoryReader(directory);
        DirectoryReader other = new DirectoryReader(directory)) {
      retire(other, first.info().incarnation(), 1);
      assertEquals(3, total(reader.read()));
      retire(other, second.info().incarnation(), 3);
      Path retained = directory.resolve(StoreFiles.RETAINED_NAME);
      Path away = Files.move(retained, directory.resolve("elsewhere.tmp"));
      Files.createDirectory(retained);
      assertEquals(3, total(reader.read()));

      Files.delete(retained);
      Files.move(away, retained);
      assertEquals(3, total(reader.read()));
    }
  }

  @Test
  void makesAPassFailWhereItCouldLoseTotals() throws IOException {
    MappedIncarnation first = worker(1);
    first.abandon();
    Path retained = directory.resolve(StoreFiles.RETAINED_NAME);
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      retire(reader, first.info().incarnation(), 1);
      byte[] whole = Files.readAllBytes(retained);
      byte[] damaged = whole.clone();
      damaged[WorkerFileLayout.HEADER_LENGTH + 20] ^= 1;
      Files.write(retained, damaged);
      try (DirectoryReader fresh = new DirectoryReader(directory)) {
        assertThrows(
            IOException.class, () -> RetiringPass.begin(RetiringPass.users(fresh).get(0), fresh));
      }
      Files.write(retained, whole);
      try (DirectoryReader fresh = new DirectoryReader(directory);
          RetiringPass pass = RetiringPass.begin(RetiringPass.users(fresh).get(0), fresh)) {
        assertEquals(1, total(pass.snapshot()));
      }
    }
  }
}
