package io.github.multiprom.internal.os;

/** Tells virtual threads, which JDK 21 brought, from platform threads. */
public final class VirtualThreads {
  /**
   * What all of them extend; null if there are none, or if a later JDK has another. Then they are
   * taken for platform threads, which is slower, and right. {@code Thread.isVirtual} would need a
   * method handle, for which a cold JVM takes milliseconds.
   */
  private static final Class<?> BASE = find();

  private VirtualThreads() {}

  /** Whether a thread is virtual. */
  public static boolean isVirtual(Thread thread) {
    return BASE != null && BASE.isInstance(thread);
  }

  private static Class<?> find() {
    try {
      return Class.forName("java.lang.BaseVirtualThread", false, null);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }
}
