package io.github.multiprom.internal.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnWorkerReaderTest {
  private static final FamilyDescriptor JOBS =
      new FamilyDescriptor(
          "jobs", MetricType.COUNTER, "Jobs.", "", List.of(), GaugeFold.SUM, false, List.of());

  @TempDir Path directory;
  private Incarnation newest;

  private final EndpointStarter.OwnWorker worker =
      new EndpointStarter.OwnWorker() {
        @Override
        public Path directory() {
          return directory;
        }

        @Override
        public Incarnation incarnation() {
          return newest;
        }

        @Override
        public void notePort(int port) {}
      };

  private MappedIncarnation open(Incarnation... predecessors) throws IOException {
    MappedIncarnation opened =
        MappedIncarnation.inDirectory(
            directory, StoreUnderTest.options("w", 4), List.of(predecessors));
    opened.addSeries(opened.addFamily(JOBS), List.of(), EpochClock.nowNanos());
    return opened;
  }

  private static Set<Incarnation> incarnations(DirectorySnapshot read) {
    Set<Incarnation> found = new TreeSet<>();
    read.workers().forEach(file -> found.add(file.worker().incarnation()));
    return found;
  }

  @Test
  void readsTheFilesOfItsWorkerAlone() throws Exception {
    try (OwnWorkerReader reader = new OwnWorkerReader(worker);
        MappedIncarnation other = open();
        MappedIncarnation first = open()) {
      assertEquals(Set.of(), incarnations(reader.read()));
      newest = first.info().incarnation();
      assertEquals(Set.of(newest), incarnations(reader.read()));
      first.counter(0).add(3);
      first.notePort(8001);
      Snapshot now = reader.read().workers().get(0);
      assertEquals(3, now.high()[0]);
      assertEquals(8001, now.port());
      assertEquals(reader.read().bytes(), now.bytes());

      try (MappedIncarnation second = open(newest);
          MappedIncarnation third = open(second.info().incarnation())) {
        newest = third.info().incarnation();
        Set<Incarnation> all =
            Set.of(newest, first.info().incarnation(), second.info().incarnation());
        assertEquals(all, incarnations(reader.read()));
        Files.delete(StoreFiles.worker(directory, second.info().incarnation()));
        assertEquals(Set.of(newest), incarnations(reader.read()));
        // The worker will soon have left it, with all that it counted.
        Files.delete(StoreFiles.worker(directory, newest));
        assertEquals(Set.of(newest), incarnations(reader.read()));
      }
      assertEquals("w", other.info().workerName());
    }
  }
}
