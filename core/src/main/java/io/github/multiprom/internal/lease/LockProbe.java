package io.github.multiprom.internal.lease;

import io.github.multiprom.internal.lease.LockFiles.State;
import io.github.multiprom.internal.os.OpenFiles;
import io.github.multiprom.internal.os.Opener;
import io.github.multiprom.internal.ownership.StoreFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Asks again and again whether anybody holds the lock of a file, and keeps the file open as long as
 * somebody does: otherwise probes are a tenth of a warm scrape and two thirds of its garbage. Only
 * for a file that this JVM does not lock later, as its own lock would be lost with the close. One
 * thread.
 */
public final class LockProbe implements Closeable, OpenFiles.Reopenable {
  private final Path path;
  private FileChannel channel;
  private Object fileSystem;
  private Object key;
  private long usedNanos;

  public LockProbe(Path path) {
    this.path = path;
  }

  public synchronized State state() {
    usedNanos = System.nanoTime();
    if (channel != null && channel.isOpen()) {
      State state = LockFiles.state(this::openState);
      if (state == State.HELD) {
        return state;
      }
      // Its worker may have made a new file of this name.
      close();
    }
    State state = LockFiles.state(this::newState);
    if (state != State.HELD) {
      close();
    }
    return state;
  }

  private State openState() throws IOException {
    Object mutex = fileSystem;
    synchronized (mutex) {
      return LockFiles.stateOf(channel);
    }
  }

  private State newState() throws IOException {
    Object mutex = LockList.fileSystemOf(path);
    fileSystem = mutex;
    synchronized (mutex) {
      if (LockList.contains(LockList.key(path))) {
        return State.HELD;
      }
      close();
      key = StoreFiles.key(path);
      channel = Opener.open(path);
      OpenFiles.add(this);
      return LockFiles.stateOf(channel);
    }
  }

  @Override
  public synchronized boolean closeIfIdle(long idleNanos) {
    if (System.nanoTime() - usedNanos >= idleNanos || !StoreFiles.isStill(path, key)) {
      close();
    }
    return !channel.isOpen();
  }

  @Override
  public synchronized void close() {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // Nothing was written through it.
      }
      OpenFiles.remove(this);
    }
  }
}
