package io.github.multiprom.internal.os;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Channel operations in threads that the application may interrupt. An interrupt closes the channel
 * in use, and a channel refuses a thread whose interrupt is pending; a metric must survive both and
 * leave the interrupt to the application.
 */
public final class Interrupts {
  private static final int MAX_TRIES = 8;

  /**
   * Give up after this. A task that still runs is probably deadlocked on a lock that the calling
   * thread holds, such as the logging system's of an application.
   */
  private static final long MAX_WAIT_SECONDS = 30;

  /**
   * What to run. A worker that starts uses an anonymous class: linking the first lambda costs a
   * cold JVM several times as much.
   */
  public interface Operation<T> {
    T run() throws IOException;
  }

  private Interrupts() {}

  /**
   * Runs an operation that opens what it uses, again if an interrupt hit it. The thread's interrupt
   * is pending afterwards if it was before or came meanwhile.
   */
  public static <T> T retrying(Operation<T> operation) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      for (int tries = 1; ; tries++) {
        try {
          return operation.run();
        } catch (ClosedByInterruptException e) {
          interrupted = true;
          if (tries == MAX_TRIES) {
            throw e;
          }
          Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Runs an operation that cannot be repeated in a thread of its own, which nobody knows and so
   * nobody interrupts. An interrupt of the calling thread is pending afterwards.
   *
   * @throws IOException if the operation failed, whatever it threw, or no thread can be had
   */
  public static <T> T inOwnThread(Operation<T> operation) throws IOException {
    FutureTask<T> task = new FutureTask<>(operation::run);
    try {
      Thread thread = OwnThreads.make(task, "multiprom-map");
      thread.setDaemon(true);
      // On JDK 25 Chronicle Map looks for classes by it, and takes no null.
      thread.setContextClassLoader(Interrupts.class.getClassLoader());
      thread.start();
    } catch (OutOfMemoryError | SecurityException e) {
      throw new IOException("no thread can be started", e);
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_WAIT_SECONDS);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    } catch (TimeoutException e) {
      throw new IOException("not done within " + MAX_WAIT_SECONDS + " s");
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
