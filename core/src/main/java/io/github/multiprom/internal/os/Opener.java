package io.github.multiprom.internal.os;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens files for reading that another process may replace at any moment. Thread-safe.
 *
 * <p>To open a FIFO is to wait for somebody who writes to it, perhaps forever, and nothing ends the
 * wait. A look at the file before does not help if the FIFO takes its place in between. So files
 * are opened in threads of their own, and the caller waits for a bounded time only. A thread that
 * waits for a FIFO is lost until somebody writes to it; while {@value #MAX_STUCK} are, no file is
 * opened.
 */
public final class Opener {
  private static final int MAX_STUCK = 32;
  private static final long KEEP_SECONDS = 5;
  private static final long MAX_WAIT_SECONDS = 2;

  private static final ThreadPoolExecutor THREADS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          KEEP_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = OwnThreads.make(task, "multiprom-open");
            thread.setDaemon(true);
            return thread;
          });

  private static final AtomicInteger STUCK = new AtomicInteger();

  private Opener() {}

  /** An open whose result nobody may be waiting for any more. */
  private static final class Task extends FutureTask<FileChannel> {
    Task(Path path) {
      super(() -> FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    @Override
    public void run() {
      super.run();
      if (isCancelled()) {
        STUCK.decrementAndGet();
      }
    }

    @Override
    protected void set(FileChannel opened) {
      super.set(opened);
      if (isCancelled()) {
        try {
          opened.close();
        } catch (IOException e) {
          // Nothing was written through it.
        }
      }
    }
  }

  /**
   * Opens a file for reading. An interrupt of the calling thread is pending afterwards.
   *
   * @throws IOException if it cannot be opened, or not within a few seconds
   */
  public static FileChannel open(Path path) throws IOException {
    if (STUCK.get() >= MAX_STUCK) {
      throw new IOException(path + " is not opened: " + MAX_STUCK + " opens of files never ended");
    }
    Task task = new Task(path);
    try {
      THREADS.execute(task);
    } catch (OutOfMemoryError e) {
      // No thread to be had. That the file was replaced in this instant is not likely.
      task.run();
    }
    boolean interrupted = false;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_WAIT_SECONDS);
    try {
      while (true) {
        try {
          return task.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          if (task.cancel(false)) {
            STUCK.incrementAndGet();
            throw new IOException(path + " is not open after " + MAX_WAIT_SECONDS + " s", e);
          }
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
