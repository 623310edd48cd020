package io.github.multiprom.cli;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.merge.Retirer;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** Retires dead workers before a command ends. */
final class RetiringNow {
  /** Waits for another retirer, most likely a collector: ten seconds in all. */
  private static final int MAX_TRIES = 100;

  private static final long PAUSE_NANOS = 100_000_000L;

  private RetiringNow() {}

  /**
   * Runs a pass.
   *
   * @return how many workers were retired; {@link Retirer#BUSY} if another retirer goes on
   * @throws IOException if the directory cannot be written; nothing is lost then
   */
  static int retire(DirectoryReader reader) throws IOException {
    try (Retirer retirer = new Retirer(reader)) {
      Integer retired =
          await(
              () -> {
                int some = retirer.retire();
                return some == Retirer.BUSY ? null : some;
              });
      return retired == null ? Retirer.BUSY : retired;
    }
  }

  /** A step of a pass. */
  interface Step<T> {
    /** Null while another retirer is at work. */
    T take() throws IOException;
  }

  /**
   * Takes a step when no other retirer is at work.
   *
   * @return null if another one goes on
   */
  static <T> T await(Step<T> step) throws IOException {
    T taken = step.take();
    for (int tries = 1; taken == null && tries < MAX_TRIES; tries++) {
      LockSupport.parkNanos(PAUSE_NANOS);
      taken = step.take();
    }
    return taken;
  }
}
