package io.github.multiprom.internal.worker;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.file.RecordChecksum;
import io.github.multiprom.internal.file.WorkerFileLayout;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Workers and retiring passes in this process that end as if a process of theirs was killed. */
public final class Killable {
  private Killable() {}

  /** A worker whose header names a process that does not run. */
  public static MappedIncarnation worker(Path directory, String name) throws IOException {
    return worker(directory, name, gone());
  }

  /** A worker whose header names a process of a pid namespace that nobody sees. */
  public static MappedIncarnation invisibleWorker(Path directory, String name) throws IOException {
    return worker(directory, name, invisible());
  }

  /** A worker whose header names a process. */
  public static MappedIncarnation worker(Path directory, String name, ProcessIdentity process)
      throws IOException {
    StoreOptions options = StoreUnderTest.options(name, 4);
    WorkerInfo info = MappedIncarnation.newInfo(options, process);
    return MappedIncarnation.inDirectory(directory, options, info, CrashPoint.NONE);
  }

  /** A process that does not run. */
  public static ProcessIdentity gone() {
    ProcessIdentity self = ProcessIdentity.current();
    return new ProcessIdentity(
        Integer.MAX_VALUE, 1, self.pidNamespace(), self.bootId(), self.host());
  }

  /** A process of a pid namespace that nobody sees. */
  public static ProcessIdentity invisible() {
    ProcessIdentity self = ProcessIdentity.current();
    return new ProcessIdentity(self.pid(), self.startTicks(), 1, self.bootId(), self.host());
  }

  /** Ends a worker without a mark. */
  public static void kill(MappedIncarnation worker) {
    worker.abandon();
  }

  /** Lets the last beat of a worker, which beats no more, be so old; younger than now below 0. */
  public static void ageBeat(Path directory, Incarnation worker, long seconds) throws IOException {
    Path file = StoreFiles.worker(directory, worker);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      word.putLong(System.nanoTime() - TimeUnit.SECONDS.toNanos(seconds)).flip();
      channel.write(word, WorkerFileLayout.MONOTONIC_BEAT_OFFSET);
    }
  }

  /** A worker whose header names a boot before this one. */
  public static MappedIncarnation workerOfAnEarlierBoot(Path directory, String name)
      throws IOException {
    ProcessIdentity self = ProcessIdentity.current();
    return worker(
        directory,
        name,
        new ProcessIdentity(
            self.pid(), self.startTicks(), self.pidNamespace(), new Incarnation(1, 2), ""));
  }

  /** Whether a worker, not of this process, holds its lease. */
  public static boolean isLeased(Path directory, Incarnation worker) {
    return LockFiles.probe(lease(directory, worker)) == LockFiles.State.HELD;
  }

  /** The lease of a worker. */
  public static Path lease(Path directory, Incarnation worker) {
    return StoreFiles.lease(directory, worker);
  }

  /** A reader to which any dead worker is a backlog. */
  public static DirectoryReader backlogReader(Path directory) {
    return new DirectoryReader(directory, 0);
  }

  /** A pass that tells of each of its steps; what the listener throws ends it there. */
  public static RetiringPass begin(DirectoryReader reader, Consumer<String> steps)
      throws IOException {
    return RetiringPass.begin(FileOwnership.of(reader.directory()), reader, steps::accept);
  }

  /** Publishes in a file, which nobody writes, a record of a kind that a later release may know. */
  public static void addLaterRecord(Path file, boolean mayBeLost) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer header =
          ByteBuffer.allocate(WorkerFileLayout.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(header, 0);
      long published = header.getLong(WorkerFileLayout.PUBLISHED_OFFSET);
      Incarnation incarnation =
          new Incarnation(
              header.getLong(WorkerFileLayout.INCARNATION_OFFSET),
              header.getLong(WorkerFileLayout.INCARNATION_OFFSET + Long.BYTES));
      int length = 16;
      ByteBuffer record = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      record.putInt(WorkerFileLayout.RECORD_LENGTH_OFFSET, length);
      record.putInt(
          WorkerFileLayout.RECORD_KIND_OFFSET,
          1000 | (mayBeLost ? WorkerFileLayout.MAY_BE_LOST : 0));
      record.putInt(
          WorkerFileLayout.RECORD_CHECKSUM_OFFSET,
          new RecordChecksum(incarnation).of(published, record, length));
      channel.write(record.clear(), published);
      ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      word.putLong(published + length).flip();
      channel.write(word, WorkerFileLayout.PUBLISHED_OFFSET);
    }
  }
}
