package io.github.multiprom.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a JVM lacks to keep cells in a Chronicle Map. */
final class ChronicleRequirements {
  static final String DEPENDENCY = "net.openhft:chronicle-map";

  private static final List<String> FLAGS =
      List.of(
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED");

  /** The first release that warns of native access and of memory access by Unsafe. */
  private static final int FIRST_TO_WARN = 24;

  private static final List<String> FLAGS_AGAINST_WARNINGS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  private ChronicleRequirements() {}

  /** The flags of this JDK, by which it works and is silent. */
  static List<String> flags() {
    List<String> flags = new ArrayList<>(FLAGS);
    if (Runtime.version().feature() >= FIRST_TO_WARN) {
      flags.addAll(FLAGS_AGAINST_WARNINGS);
    }
    return flags;
  }

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
    if (failure instanceof IOException) {
      return cause.toString();
    }
    return "it needs a JDK and its flags " + String.join(" ", flags()) + " (" + cause + ")";
  }
}
