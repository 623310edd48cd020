package io.github.multiprom.agent.inside;

import io.github.multiprom.internal.os.StoreLog;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Links, a second later, what was made or counted while a family was being linked: by then no
 * thread is in the middle of either.
 */
final class SecondLook implements BooleanSupplier {
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final WeakReference<LinkedFamily> family;
  private final long since = System.nanoTime();

  SecondLook(LinkedFamily family) {
    this.family = new WeakReference<>(family);
  }

  @Override
  public boolean getAsBoolean() {
    if (System.nanoTime() - since < PAUSE_NANOS) {
      return false;
    }
    LinkedFamily completed = family.get();
    if (completed != null) {
      try {
        completed.complete();
      } catch (RuntimeException | LinkageError e) {
        StoreLog.warnOnce(
            "agent-link complete " + e, "The agent could not follow simpleclient: " + e);
      }
    }
    return true;
  }
}
