package io.github.multiprom.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** Which process listens where, by Linux' /proc. */
final class Listeners {
  private static final String LISTENS = "0A";
  private static final int LOCAL = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  private Listeners() {}

  /** The pid of the process that listens at a TCP port. */
  static String pidAt(int port) throws IOException {
    String socket = "socket:[" + inodeAt(port) + "]";
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> has(process.resolve("fd"), socket))
          .map(process -> process.getFileName().toString())
          .findFirst()
          .orElseThrow();
    }
  }

  private static String inodeAt(int port) throws IOException {
    String end = String.format(Locale.ROOT, ":%04X", port);
    for (String table : new String[] {"tcp", "tcp6"}) {
      for (String line : Files.readAllLines(Path.of("/proc/net", table))) {
        String[] columns = line.strip().split("\\s+", -1);
        if (columns[LOCAL].endsWith(end) && columns[STATE].equals(LISTENS)) {
          return columns[INODE];
        }
      }
    }
    throw new IOException("nobody listens at " + port);
  }

  private static boolean has(Path descriptors, String socket) {
    try (Stream<Path> all = Files.list(descriptors)) {
      return all.anyMatch(
          descriptor -> {
            try {
              return Files.readSymbolicLink(descriptor).toString().equals(socket);
            } catch (IOException e) {
              return false;
            }
          });
    } catch (IOException | UncheckedIOException e) {
      // The process ended, or is that of another user.
      return false;
    }
  }
}
