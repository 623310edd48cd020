package io.github.multiprom.internal.chronicle;

import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Worker;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.DoubleStream;

/**
 * The worker of {@link ChronicleKillProcessTest}: makes series, so long that two fill a page, and
 * observes once in each, until somebody kills the process. It acknowledges each observation by one
 * write of a number to standard output.
 */
final class ChronicleKillWorker {
  private static final int MAX_SERIES = 600;
  private static final int BUCKETS = 900;

  private ChronicleKillWorker() {}

  /** Argument: the directory. */
  public static void main(String[] arguments) throws IOException {
    FileOutputStream output = new FileOutputStream(FileDescriptor.out);
    Worker worker = ChronicleWorker.open(Path.of(arguments[0]), "chronicle");
    Histogram histogram =
        Histogram.build("long", "h")
            .buckets(DoubleStream.iterate(1, bound -> bound + 1).limit(BUCKETS).toArray())
            .labelNames("set")
            .worker(worker)
            .create();
    for (long acknowledged = 1; ; acknowledged++) {
      histogram.labels("" + acknowledged % MAX_SERIES).observe(0.5);
      try {
        output.write(ByteBuffer.allocate(Long.BYTES).putLong(acknowledged).array());
      } catch (IOException e) {
        // The test that started this process has ended.
        Runtime.getRuntime().halt(1);
      }
      if (acknowledged > MAX_SERIES) {
        LockSupport.parkNanos(200_000);
      }
    }
  }
}
