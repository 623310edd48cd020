package io.github.multiprom.benchmarks;

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
