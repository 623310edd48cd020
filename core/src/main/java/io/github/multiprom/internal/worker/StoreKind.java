package io.github.multiprom.internal.worker;

import java.util.Locale;

/** Where a worker keeps its cells. */
public enum StoreKind {
  /** In its worker file, mapped into memory. */
  MAPPED,
  /** In a Chronicle Map beside it, which needs a dependency and flags of the JVM. */
  CHRONICLE;

  /**
   * The kind of a name, as in settings.
   *
   * @throws IllegalArgumentException if there is none; the message names the choices
   */
  public static StoreKind ofName(String name) {
    for (StoreKind kind : values()) {
      if (kind.settingName().equals(name)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("store must be mapped or chronicle: " + name);
  }

  /** The name in settings. */
  public String settingName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
