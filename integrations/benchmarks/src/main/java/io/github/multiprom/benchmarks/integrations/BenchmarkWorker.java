package io.github.multiprom.benchmarks.integrations;

import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A worker with a directory of its own, in memory if there is such a file system. */
record BenchmarkWorker(Worker worker, Path directory) implements AutoCloseable {
  static BenchmarkWorker open() throws IOException {
    Path memory = Path.of("/dev/shm");
    Path parent = Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    Path directory = Files.createTempDirectory(parent, "multiprom-benchmark");
    return new BenchmarkWorker(Worker.builder().directory(directory).open(), directory);
  }

  @Override
  public void close() throws IOException {
    worker.close();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.delete(directory);
  }
}
