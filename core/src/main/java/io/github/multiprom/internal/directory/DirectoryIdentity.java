package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.os.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Which directory it is, whatever its path is called here. */
public final class DirectoryIdentity {
  private DirectoryIdentity() {}

  /*
   * A path says nothing: containers mount one directory at different places, and different
   * directories at one place. What stays the same is what the kernel calls the directory: the number
   * of its file system, which belongs to the file system and not to a mount of it, and the number
   * of its inode. Other hosts use the same small numbers for other directories, and so does this
   * host after it started anew, so the kernel's boot id comes first. Nothing of it is written: a
   * collector that may only read the directory says the same as all others.
   */

  /**
   * A text that is equal in all processes, containers and mounts of one kernel for one directory,
   * and for no other directory at the same time: boot id, device and inode, in hexadecimal digits.
   * It changes when the host starts anew, and mostly when the directory is made again.
   *
   * @return empty if there is no directory, or the kernel does not tell
   */
  public static Optional<String> of(Path directory) {
    return ProcessIdentity.currentBoot()
        .flatMap(boot -> place(directory).map(place -> boot + "-" + place));
  }

  private static Optional<String> place(Path directory) {
    try {
      Map<String, Object> numbers = Files.readAttributes(directory, "unix:dev,ino");
      return Optional.of(hex(numbers.get("dev")) + "-" + hex(numbers.get("ino")));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static String hex(Object number) {
    return Long.toHexString(((Number) number).longValue());
  }
}
