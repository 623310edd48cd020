package io.github.multiprom.store;

import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Workers and retiring passes in this process that end as if a process of theirs was killed. */
public final class Killable {
  private Killable() {}

  /** A worker whose header names a process that does not run. */
  public static MappedIncarnation worker(Path directory, String name) throws IOException {
    StoreOptions options = StoreUnderTest.options(name, 4);
    WorkerInfo self = MappedIncarnation.newInfo(options, ProcessIdentity.current());
    WorkerInfo info =
        new WorkerInfo(
            self.incarnation(),
            self.workerName(),
            self.host(),
            Integer.MAX_VALUE,
            1,
            self.pidNamespace(),
            self.bootId(),
            EpochClock.nowNanos(),
            options.maxSeries());
    return MappedIncarnation.inDirectory(directory, options, info, CrashPoint.NONE);
  }

  /** Ends a worker without a mark. */
  public static void kill(MappedIncarnation worker) {
    worker.abandon();
  }

  /** Deletes the lease of a worker, which is then never surely dead. */
  public static void deleteLease(Path directory, MappedIncarnation worker) throws IOException {
    Files.delete(StoreFiles.lease(directory, worker.info().incarnation()));
  }

  /** A reader to which any dead worker is a backlog. */
  public static DirectoryReader backlogReader(Path directory) {
    return new DirectoryReader(directory, 0);
  }

  /** A pass that tells of each of its steps; what the listener throws ends it there. */
  public static RetiringPass begin(DirectoryReader reader, Consumer<String> steps)
      throws IOException {
    return RetiringPass.begin(reader, steps::accept);
  }
}
