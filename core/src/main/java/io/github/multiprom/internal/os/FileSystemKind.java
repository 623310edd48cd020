package io.github.multiprom.internal.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * What a directory's file system means for worker files. Immutable.
 *
 * @param type the kernel's name of it; empty where unknown
 */
public record FileSystemKind(String type) {
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");

  /**
   * Known to keep their locks in this kernel. All others may hide them: NFS, 9p, FUSE and so on.
   */
  private static final Set<String> ON_DISK =
      Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "overlay", "apfs", "hfs");

  /** The file system of a directory. */
  public static FileSystemKind of(Path directory) {
    try {
      return new FileSystemKind(Files.getFileStore(directory).type());
    } catch (IOException | RuntimeException e) {
      return new FileSystemKind("");
    }
  }

  /** Whether a store to a mapping never waits for a disk. */
  public boolean isInMemory() {
    return IN_MEMORY.contains(type);
  }

  /** Whether a free lease surely means a dead worker. */
  public boolean isLocal() {
    return isInMemory() || ON_DISK.contains(type);
  }
}
