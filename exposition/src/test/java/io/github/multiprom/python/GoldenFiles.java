package io.github.multiprom.python;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Files that releases of client_python wrote, two processes each, and what these releases printed
 * of them: every type, every gauge mode, escapes, and a gauge that was never set.
 */
public final class GoldenFiles {
  static final List<String> RELEASES = List.of("0.15.0", "0.16.0", "0.17.0", "0.18.0", "0.25.0");

  private GoldenFiles() {}

  /**
   * Writes the files of a release into a directory.
   *
   * @return what it printed
   */
  public static String unpack(String release, Path directory) throws IOException {
    Files.createDirectories(directory);
    String printed = null;
    try (InputStream in = GoldenFiles.class.getResourceAsStream("/client-python.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().startsWith(release + "/")) {
          String name = entry.getName().substring(release.length() + 1);
          Files.write(directory.resolve(name), zip.readAllBytes());
        } else if (entry.getName().equals(release + ".txt")) {
          printed = new String(zip.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
    }
    return printed;
  }
}
