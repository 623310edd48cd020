package io.github.multiprom.exposition;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Deletes a metrics directory that may still be in use. */
public final class DeletedDirectory {
  private DeletedDirectory() {}

  /**
   * Deletes it with its files, again where a thread or process that retires makes one meanwhile.
   *
   * @param directory null for none
   */
  public static void delete(Path directory) throws IOException {
    while (directory != null && Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (DirectoryNotEmptyException | UncheckedIOException e) {
        // A file came or went since the listing.
      }
    }
  }
}
