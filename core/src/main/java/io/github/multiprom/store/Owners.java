package io.github.multiprom.store;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Who may read a file, and whose a file is to be. Thread-safe. */
final class Owners {
  private static final int ROOT = 0;
  private static final Integer SELF = uid(Path.of("/proc/self"));

  private Owners() {}

  /**
   * Whether a file belongs to this process' user, to root, or to whom the directory belongs: that
   * user could replace every file in it anyway. Where users cannot be told, every file is trusted.
   */
  static boolean isTrusted(Path path) {
    Integer owner = uid(path);
    return owner == null
        || SELF == null
        || owner == ROOT
        || owner.equals(SELF)
        || owner.equals(uid(path.toAbsolutePath().getParent()));
  }

  /**
   * Gives a file that root made to the user of the directory, or of the workers if that is root as
   * well: an operator's command or a sidecar must not take the totals and the lock from them.
   *
   * @throws IOException if it cannot be given
   */
  static void shareWithWorkers(Path file, Path directory) throws IOException {
    if (SELF == null || SELF != ROOT) {
      return;
    }
    Path model = isRoots(directory) ? workerOfAnother(directory) : directory;
    if (model != null) {
      for (String attribute : new String[] {"unix:gid", "unix:uid"}) {
        Files.setAttribute(
            file, attribute, Files.getAttribute(model, attribute), LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  private static boolean isRoots(Path path) {
    Integer owner = uid(path);
    return owner == null || owner == ROOT;
  }

  private static Path workerOfAnother(Path directory) throws IOException {
    try (DirectoryStream<Path> workers =
        Files.newDirectoryStream(directory, "*" + StoreFiles.WORKER_SUFFIX)) {
      for (Path worker : workers) {
        if (!isRoots(worker)) {
          return worker;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return null;
  }

  private static Integer uid(Path path) {
    try {
      return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }
}
