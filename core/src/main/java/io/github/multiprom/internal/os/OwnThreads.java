package io.github.multiprom.internal.os;

import java.security.AccessController;
import java.security.PrivilegedAction;

/** Makes threads that keep nothing of the application that happens to be running. Thread-safe. */
public final class OwnThreads {
  private OwnThreads() {}

  /**
   * Makes a thread that outlives an application in a JVM with several. A thread keeps the context
   * class loader of its maker and, before JDK 24, the class loaders of all that is on its maker's
   * stack; what is privileged hides the latter.
   */
  @SuppressWarnings("removal") // Needed as long as JDK 17 is.
  public static Thread make(Runnable task, String name) {
    return AccessController.doPrivileged(
        new PrivilegedAction<Thread>() {
          @Override
          public Thread run() {
            Thread thread = new Thread(null, task, name, 0, false);
            thread.setContextClassLoader(null);
            return thread;
          }
        });
  }
}
