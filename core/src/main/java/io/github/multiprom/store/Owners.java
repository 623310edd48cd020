package io.github.multiprom.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Decides by its owner whether a file is read. */
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

  private static Integer uid(Path path) {
    try {
      return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }
}
