package io.github.multiprom.internal.os;

/** Lets a test see lines that earlier tests in its JVM have had logged. */
public final class ForgottenLog {
  private ForgottenLog() {}

  /** Makes the library say everything anew. */
  public static void forget() {
    StoreLog.forget();
  }
}
