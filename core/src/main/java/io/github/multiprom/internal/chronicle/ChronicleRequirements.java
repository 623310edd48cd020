package io.github.multiprom.internal.chronicle;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a JVM lacks to keep cells in a Chronicle Map. */
public final class ChronicleRequirements {
  static final String DEPENDENCY = "net.openhft:chronicle-map";

  private static final List<String> FLAGS =
      List.of(
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED");

  private static final Pattern FLAG =
      Pattern.compile("--add-(?<how>opens|exports)=(?<module>[^/]+)/(?<package>[^=]+)=ALL-UNNAMED");

  /** The first release that warns of native access and of memory access by Unsafe. */
  private static final int FIRST_TO_WARN = 24;

  private static final List<String> FLAGS_AGAINST_WARNINGS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  private ChronicleRequirements() {}

  /** The flags of this JDK, by which it works and is silent. */
  public static List<String> flags() {
    List<String> flags = new ArrayList<>(FLAGS);
    if (Runtime.version().feature() >= FIRST_TO_WARN) {
      flags.addAll(FLAGS_AGAINST_WARNINGS);
    }
    return flags;
  }

  /**
   * What a module that uses Chronicle Map, or Chronicle Map itself, lacks of the JDK; empty if
   * nothing. Chronicle Map would notice some of it only when it is too late to be silent.
   */
  public static String missing(Module module) {
    List<String> missing = FLAGS.stream().filter(flag -> !isGiven(flag, module)).toList();
    return missing.isEmpty()
        ? ""
        : "it needs a JDK and its flags "
            + String.join(" ", flags())
            + ", and is without "
            + String.join(" ", missing);
  }

  private static boolean isGiven(String flag, Module module) {
    Matcher parts = FLAG.matcher(flag);
    if (!parts.matches()) {
      throw new IllegalStateException(flag);
    }
    Module ofJdk = ModuleLayer.boot().findModule(parts.group("module")).orElse(null);
    String inside = parts.group("package");
    return ofJdk != null
        && (parts.group("how").equals("opens")
            ? ofJdk.isOpen(inside, module)
            : ofJdk.isExported(inside, module));
  }

  /** What to do about a failure, for the log. */
  public static String advice(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    if (cause instanceof ClassNotFoundException
        && String.valueOf(cause.getMessage()).startsWith("net.openhft.")) {
      return "it needs " + DEPENDENCY + " on the class path";
    }
    return cause.toString();
  }
}
