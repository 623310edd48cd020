package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A fresh directory in memory, if there is such a file system, that is deleted at the end. */
final class MetricsFolder implements AutoCloseable {
  final Path path;

  MetricsFolder() throws IOException {
    this(defaultParent());
  }

  MetricsFolder(Path parent) throws IOException {
    path = Files.createTempDirectory(parent, "multiprom-benchmark");
  }

  private static Path defaultParent() {
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** Opens a worker here that keeps its cells in a store, and makes sure that it does. */
  Worker openWorker(String store) throws IOException {
    Worker worker = Worker.builder().directory(path).store(store).open();
    if ((mapCount() == 1) != store.equals("chronicle")) {
      throw new IllegalStateException("the worker could not use store " + store);
    }
    return worker;
  }

  /** How many workers keep their cells in a Chronicle Map. */
  long mapCount() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(file -> file.toString().endsWith(".chronicle")).count();
    }
  }

  @Override
  public void close() {
    if (Files.notExists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
