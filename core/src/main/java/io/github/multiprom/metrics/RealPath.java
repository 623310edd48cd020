package io.github.multiprom.metrics;

import java.io.IOException;
import java.nio.file.Path;

/** Paths by which equal directories are known, also such as are not there yet. */
final class RealPath {
  private RealPath() {}

  /** The path without symbolic links, as far as it exists. */
  static Path of(Path path) {
    Path whole = path.toAbsolutePath();
    int length = whole.getNameCount();
    for (Path there = whole; there != null; there = there.getParent()) {
      int known = there.getNameCount();
      try {
        Path real = there.toRealPath();
        return known == length ? real : real.resolve(whole.subpath(known, length)).normalize();
      } catch (IOException e) {
        // The parent may be there.
      }
    }
    return whole.normalize();
  }
}
