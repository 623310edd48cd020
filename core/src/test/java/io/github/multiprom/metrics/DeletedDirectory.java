package io.github.multiprom.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Deletes a directory in which a pass that retires a worker may still make files. */
final class DeletedDirectory {
  private DeletedDirectory() {}

  static void await(Path directory) throws Exception {
    Await.until("the end of " + directory, () -> isDeleted(directory));
  }

  private static boolean isDeleted(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
      return true;
    } catch (DirectoryNotEmptyException | UncheckedIOException e) {
      return false;
    }
  }
}
