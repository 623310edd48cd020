package io.github.multiprom.internal.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A tmpfs of its own that a big file can fill. */
public final class SmallDisk implements AutoCloseable {
  /** Where it is mounted. */
  public final Path path;

  private final Path filler;

  /**
   * Mounts a tmpfs in a directory, or skips the test where that cannot be.
   *
   * @param size as mount understands it, {@code 1m}
   */
  public SmallDisk(Path parent, String size) throws Exception {
    path = Files.createTempDirectory(parent, "full");
    filler = path.resolve("filler.tmp");
    String failure =
        run("mount", "-t", "tmpfs", "-o", "mode=755,size=" + size, "multiprom", path.toString());
    if (!failure.isEmpty()) {
      String message = "This test must be root in a place where it may mount a tmpfs: " + failure;
      if ("true".equals(System.getenv("MULTIPROM_REQUIRE_PEERS"))) {
        fail(message);
      }
      Assumptions.abort(message);
    }
  }

  /** Runs a command; empty if it succeeded, else what it said. */
  private static String run(String... command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return e.getMessage();
    }
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return "hangs: " + List.of(command);
    }
    return process.exitValue() == 0 ? "" : "exit " + process.exitValue() + " " + said;
  }

  /** Takes all space that is left. */
  public void fill() throws IOException {
    for (int chunk = 64 << 10; chunk > 0; chunk /= 2) {
      try (OutputStream out =
          Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        while (true) {
          out.write(new byte[chunk]);
        }
      } catch (IOException e) {
        // Full for a chunk of this size.
      }
    }
  }

  /** Gives the space back. */
  public void free() throws IOException {
    Files.delete(filler);
  }

  @Override
  public void close() throws Exception {
    assertEquals("", run("umount", "-l", path.toString()));
  }
}
