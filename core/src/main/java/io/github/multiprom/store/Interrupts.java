package io.github.multiprom.store;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Channel operations in threads that somebody interrupts. An interrupt closes the channel in use,
 * and a channel refuses a thread whose interrupt is pending; a metric must survive both and leave
 * the interrupt to the application.
 */
final class Interrupts {
  private static final int MAX_TRIES = 8;

  /** Where a worker starts a class and not a lambda, which costs a cold JVM several times that. */
  interface Operation<T> {
    T run() throws IOException;
  }

  private Interrupts() {}

  /**
   * Runs an operation that opens what it uses, again if an interrupt hit it. The thread's interrupt
   * is pending afterwards if it was before or came meanwhile.
   */
  static <T> T retrying(Operation<T> operation) throws IOException {
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
}
