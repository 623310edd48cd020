package io.github.multiprom.benchmarks;

import java.util.List;

/** What Chronicle Map needs of a JVM: see {@code docs/stores.md}. */
final class ChronicleFlags {
  static final String CHANNELS = "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED";
  static final String CLEANERS = "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED";
  static final String COMPILER = "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED";
  static final String LANGUAGE = "--add-opens=java.base/java.lang=ALL-UNNAMED";
  static final String REFLECTION = "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED";

  static final List<String> ALL = List.of(CHANNELS, CLEANERS, COMPILER, LANGUAGE, REFLECTION);

  private ChronicleFlags() {}
}
