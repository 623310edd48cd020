package io.github.multiprom.internal.lease;

import io.github.multiprom.internal.os.ProcessIdentity;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells whether the kernel still knows a lock of this process on a file that the process has open.
 * One thread.
 *
 * <p>Any code of the JVM that opens and closes the file drops the lock, and the JDK goes on to call
 * it valid. The kernel lists the locks of an open file in {@code /proc/self/fdinfo}; {@code
 * /proc/locks} would tell as much, but reading it stops all locking on the host, and the inodes
 * there are not those of {@code stat} on every file system.
 */
final class OwnLock {
  private static final String DESCRIPTORS = "/proc/self/fd";

  // The descriptor that led to the file when it was last looked for, and its target.
  private String descriptor = "";
  private String target = "";

  /** Held or free; unknown where the kernel does not tell. */
  LockFiles.State stateOf(Path file) throws IOException {
    if (!target.equals(targetOf(descriptor)) || !target.endsWith("/" + file.getFileName())) {
      find(file.toRealPath().toString());
    }
    if (descriptor.isEmpty()) {
      return LockFiles.State.UNKNOWN;
    }
    String info = ProcessIdentity.text("/proc/self/fdinfo/" + descriptor);
    if (info.isEmpty()) {
      return LockFiles.State.UNKNOWN;
    }
    return info.contains("\nlock:") ? LockFiles.State.HELD : LockFiles.State.FREE;
  }

  private void find(String path) {
    descriptor = "";
    target = "";
    String[] all = new File(DESCRIPTORS).list();
    if (all == null) {
      return;
    }
    for (String candidate : all) {
      if (targetOf(candidate).equals(path)) {
        descriptor = candidate;
        target = path;
        return;
      }
    }
  }

  private static String targetOf(String descriptor) {
    try {
      return descriptor.isEmpty()
          ? ""
          : Files.readSymbolicLink(Path.of(DESCRIPTORS, descriptor)).toString();
    } catch (IOException | RuntimeException e) {
      // Closed meanwhile.
      return "";
    }
  }
}
