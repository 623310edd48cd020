package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.FileSystemKind;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.Settings;
import java.nio.file.Path;

/** What the log says about where a worker counts. Without locks of its own. */
final class OpeningLog {
  private OpeningLog() {}

  static void noteMemory(WorkerSettings settings) {
    String why =
        settings.rawDirectoryProperty() != null
            ? "system property " + Settings.DIRECTORY + " is empty"
            : "no directory is configured (system property "
                + Settings.DIRECTORY
                + ", environment variable "
                + Settings.DIRECTORY_VARIABLE
                + ", or Worker.builder().directory(...))";
    StoreLog.informOnce(
        "counts in memory", "Metrics of this process are counted in memory, alone: " + why);
  }

  static void notePort(String property) {
    StoreLog.warnOnce(
        property + " memory",
        "System property "
            + property
            + " is set, but this process serves no metrics there, as it counts in memory");
  }

  /**
   * Notes the directory of a worker.
   *
   * @param configured its name, which may be relative
   */
  static void noteDirectory(String workerName, Path directory, Path configured) {
    StoreLog.informOnce(
        "counts in " + directory,
        "Worker " + workerName + " counts in directory " + directory + relativeNote(configured));
  }

  private static String relativeNote(Path configured) {
    return configured.isAbsolute()
        ? ""
        : ", which is " + configured + " relative to the working directory";
  }

  /** The line for a directory that cannot be used. */
  static String unusable(Object name, Throwable e) {
    return "The metrics directory "
        + name
        + " cannot be used, so this process counts in memory and is missing from the merged output"
        + " until it can be: "
        + e;
  }

  /** Notes a directory on a file system that is not in memory. */
  static void noteDisk(Path directory, LaterLog log) {
    FileSystemKind kind = FileSystemKind.of(directory);
    if (!kind.isInMemory() && !kind.type().isEmpty()) {
      log.add(
          "disk " + directory,
          "The metrics directory "
              + directory
              + " is on "
              + kind.type()
              + ", where counting may wait for the disk; use a directory on tmpfs");
    }
  }
}
