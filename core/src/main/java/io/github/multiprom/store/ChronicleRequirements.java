package io.github.multiprom.store;

/** What a JVM lacks to keep cells in a Chronicle Map. */
final class ChronicleRequirements {
  static final String DEPENDENCY = "net.openhft:chronicle-map";

  static final String FLAGS =
      "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED"
          + " --add-exports=java.base/jdk.internal.ref=ALL-UNNAMED"
          + " --add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED"
          + " --add-opens=java.base/java.lang=ALL-UNNAMED"
          + " --add-opens=java.base/java.lang.reflect=ALL-UNNAMED";

  private ChronicleRequirements() {}

  /** What to do about a failure, for the log. */
  static String advice(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    if (cause instanceof ClassNotFoundException
        && String.valueOf(cause.getMessage()).startsWith("net.openhft.")) {
      return "it needs " + DEPENDENCY + " on the class path";
    }
    if (failure instanceof java.io.IOException) {
      return cause.toString();
    }
    return "it needs a JDK and its flags " + FLAGS + " (" + cause + ")";
  }
}
