package io.github.multiprom;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Gives tests directories that another user made: in {@code multiprom.test.directories}, root puts
 * empty ones whose names begin with {@code free-} for the tests that {@code .ci/non-root} runs.
 */
public final class RootsDirectories implements TempDirFactory {
  private static final Path POOL =
      Path.of(System.getProperty("multiprom.test.directories", "missing"));

  /** For JUnit. */
  public RootsDirectories() {}

  @Override
  public Path createTempDirectory(
      AnnotatedElementContext elementContext, ExtensionContext extensionContext)
      throws IOException {
    try (DirectoryStream<Path> free = Files.newDirectoryStream(POOL, "free-*")) {
      for (Path directory : free) {
        Path taken = POOL.resolve("taken-" + directory.getFileName());
        try {
          return Files.move(directory, taken);
        } catch (NoSuchFileException e) {
          // Another JVM was faster.
        }
      }
    }
    throw new IOException("no free directory is left in " + POOL);
  }
}
