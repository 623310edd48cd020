package io.github.multiprom.examples;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * What the launcher was asked for. Immutable.
 *
 * @param workers how many worker JVMs run at once, 1 to 64
 * @param host address that the workers listen on
 * @param port shared port of all workers; 0 for a free one
 * @param metricsPort where one of them serves the metrics of all, beside its own {@code /metrics};
 *     0 for nowhere
 * @param directory metrics directory, kept at the end; null for a fresh one, removed at the end
 */
record PreforkOptions(int workers, String host, int port, int metricsPort, Path directory) {
  static final String USAGE =
      "usage: PreforkServer [--workers N] [--host H] [--port P] [--metrics-port P] [--dir D]";

  private static final int MAX_WORKERS = 64;
  private static final int MAX_PORT = 65_535;

  /** Four workers on a free port of the loopback address, with a fresh directory. */
  static PreforkOptions defaults() {
    return new PreforkOptions(4, "127.0.0.1", 0, 0, null);
  }

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException with a one-line reason
   */
  static PreforkOptions parse(String... args) {
    PreforkOptions options = defaults();
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + ": unknown, or its value is missing");
      }
      options = options.with(args[i], args[i + 1]);
    }
    return options;
  }

  private PreforkOptions with(String name, String text) {
    return switch (name) {
      case "--workers" ->
          new PreforkOptions(
              number(name, text, 1, MAX_WORKERS), host, port, metricsPort, directory);
      case "--host" -> new PreforkOptions(workers, text, port, metricsPort, directory);
      case "--port" ->
          new PreforkOptions(
              workers, host, number(name, text, 0, MAX_PORT), metricsPort, directory);
      case "--metrics-port" ->
          new PreforkOptions(workers, host, port, number(name, text, 0, MAX_PORT), directory);
      case "--dir" -> new PreforkOptions(workers, host, port, metricsPort, folder(name, text));
      default -> throw new IllegalArgumentException(name + ": unknown option");
    };
  }

  private static int number(String name, String text, int min, int max) {
    try {
      int number = Integer.parseInt(text);
      if (min <= number && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Same answer as for a number out of range.
    }
    throw new IllegalArgumentException(
        name + ": not a number from " + min + " to " + max + ": " + text);
  }

  private static Path folder(String name, String text) {
    try {
      Path folder = Path.of(text).toAbsolutePath();
      if (!Files.exists(folder) || Files.isDirectory(folder)) {
        return folder;
      }
    } catch (InvalidPathException e) {
      // Same answer as for a file that is in the way.
    }
    throw new IllegalArgumentException(name + ": not a directory: " + text);
  }
}
