package io.github.multiprom.model;

import java.util.List;
import java.util.Locale;

/**
 * Whether {@code _created} samples are shown: simpleclient's switch, the environment variable
 * {@value #DISABLED_VARIABLE}, read as simpleclient 0.16 reads it. Thread-safe.
 */
public final class CreatedSeries {
  /** The environment variable. */
  public static final String DISABLED_VARIABLE = "PROMETHEUS_DISABLE_CREATED_SERIES";

  /** Whether this process shows them. */
  public static final boolean SHOWN = !disables(System.getenv(DISABLED_VARIABLE));

  private CreatedSeries() {}

  /**
   * Whether a value of the variable disables them: {@code true}, {@code 1} or {@code t}, in any
   * case.
   *
   * @param value null if the variable is not set
   */
  public static boolean disables(String value) {
    return value != null && List.of("true", "1", "t").contains(value.toLowerCase(Locale.ROOT));
  }
}
