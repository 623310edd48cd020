package io.github.multiprom.model;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Name, type and shape of a metric family. Immutable; every instance is valid, whether it came from
 * the API or from a file.
 *
 * @param name the family's name, for a counter without {@code _total}
 * @param type the metric type
 * @param help the help text, may be empty
 * @param unit the unit, may be empty; otherwise the name ends with {@code _unit}
 * @param labelNames the label names, in the order of the label values
 * @param fold how the values that workers set become one; {@link GaugeFold#SUM} for types that add
 *     up
 * @param liveOnly whether what is set counts of live workers only; false for types that add up
 * @param upperBounds a histogram's finite bucket bounds, ascending, without +Inf; else empty
 * @param ownRegistries whether it was registered with registries of the application's own only, so
 *     that the default registry does not show it
 * @param states the states of a {@link MetricType#STATESET}, in order; else empty
 * @param nativeShape of a native histogram, and of a summary with quantiles; null for all others
 * @param window of a summary with quantiles; null for all others
 */
public record FamilyDescriptor(
    String name,
    MetricType type,
    String help,
    String unit,
    List<String> labelNames,
    GaugeFold fold,
    boolean liveOnly,
    List<Double> upperBounds,
    boolean ownRegistries,
    List<String> states,
    NativeShape nativeShape,
    QuantileWindow window) {
  /** A family that every registry of all families shows. */
  public FamilyDescriptor(
      String name,
      MetricType type,
      String help,
      String unit,
      List<String> labelNames,
      GaugeFold fold,
      boolean liveOnly,
      List<Double> upperBounds) {
    this(
        name,
        type,
        help,
        unit,
        labelNames,
        fold,
        liveOnly,
        upperBounds,
        false,
        List.of(),
        null,
        null);
  }

  /**
   * Checks every component.
   *
   * @throws IllegalArgumentException if one breaks the naming rules or the types' shapes
   */
  public FamilyDescriptor {
    labelNames = List.copyOf(labelNames);
    upperBounds = List.copyOf(upperBounds);
    states = List.copyOf(states);
    checkName(name);
    checkUnit(name, unit);
    for (String labelName : labelNames) {
      checkLabelName(labelName);
    }
    checkDistinct(name, labelNames);
    checkNotReserved(name, type, labelNames);
    checkBounds(type, upperBounds);
    checkStates(name, type, states);
    if (!type.isSet() && (fold != GaugeFold.SUM || liveOnly)) {
      throw new IllegalArgumentException("only what is set has a mode: " + name);
    }
    if (window == null
        ? nativeShape != null && type != MetricType.HISTOGRAM
        : nativeShape == null || type != MetricType.SUMMARY) {
      throw new IllegalArgumentException("only a histogram is native: " + name);
    }
    if (help == null) {
      throw new IllegalArgumentException("help is missing: " + name);
    }
  }

  private static void checkNotReserved(String name, MetricType type, List<String> labelNames) {
    if ((type == MetricType.HISTOGRAM && labelNames.contains("le"))
        || (type == MetricType.SUMMARY && labelNames.contains("quantile"))
        || (type == MetricType.STATESET && labelNames.contains(name))) {
      throw new IllegalArgumentException(type + " with a label of its own: " + labelNames);
    }
  }

  private static void checkStates(String name, MetricType type, List<String> states) {
    if ((type == MetricType.STATESET) == states.isEmpty()) {
      throw new IllegalArgumentException("states " + states + " of a " + type + ": " + name);
    }
    if (Set.copyOf(states).size() != states.size()) {
      throw new IllegalArgumentException("a state twice: " + name);
    }
  }

  /** The number of cells that one series of this family takes. */
  public int cellCount() {
    if (window != null) {
      return SeriesLayout.FIRST_STAMP_CELL + window.places();
    }
    return nativeShape == null
        ? SeriesLayout.cellCount(type, upperBounds.size())
        : SeriesLayout.NATIVE_CELL_COUNT;
  }

  /** The same family with another mode. */
  public FamilyDescriptor withMode(GaugeFold otherFold, boolean otherLiveOnly) {
    return fold == otherFold && liveOnly == otherLiveOnly
        ? this
        : with(type, otherFold, otherLiveOnly, ownRegistries, states, nativeShape, window);
  }

  /** The same family, registered with registries of the application's own only, or not. */
  public FamilyDescriptor withOwnRegistries(boolean other) {
    return ownRegistries == other
        ? this
        : with(type, fold, liveOnly, other, states, nativeShape, window);
  }

  /** The same family, a {@link MetricType#STATESET} with these states. */
  public FamilyDescriptor withStates(List<String> others) {
    return with(MetricType.STATESET, fold, liveOnly, ownRegistries, others, null, null);
  }

  /** The same family with other label names and bucket bounds. */
  public FamilyDescriptor withLists(List<String> otherNames, List<Double> otherBounds) {
    return new FamilyDescriptor(
        name,
        type,
        help,
        unit,
        otherNames,
        fold,
        liveOnly,
        otherBounds,
        ownRegistries,
        states,
        nativeShape,
        window);
  }

  /** The same family as a native histogram, or null for a classic one. */
  public FamilyDescriptor withNativeShape(NativeShape other) {
    return Objects.equals(nativeShape, other)
        ? this
        : with(type, fold, liveOnly, ownRegistries, states, other, null);
  }

  /** The same family as a summary with quantiles, or null for one without. */
  public FamilyDescriptor withWindow(QuantileWindow other) {
    NativeShape shape = other == null ? null : QuantileWindow.SHAPE;
    return Objects.equals(window, other)
        ? this
        : with(type, fold, liveOnly, ownRegistries, states, shape, other);
  }

  private FamilyDescriptor with(
      MetricType otherType,
      GaugeFold otherFold,
      boolean otherLiveOnly,
      boolean otherRegistries,
      List<String> otherStates,
      NativeShape otherShape,
      QuantileWindow otherWindow) {
    return new FamilyDescriptor(
        name,
        otherType,
        help,
        unit,
        labelNames,
        otherFold,
        otherLiveOnly,
        upperBounds,
        otherRegistries,
        otherStates,
        otherShape,
        otherWindow);
  }

  /**
   * Checks a metric name.
   *
   * @throws IllegalArgumentException if it breaks the naming rules
   */
  public static void checkName(String name) {
    if (name == null || !isName(name, true)) {
      throw new IllegalArgumentException("Invalid metric name: " + name);
    }
  }

  /**
   * Checks a label name.
   *
   * @throws IllegalArgumentException if it breaks the naming rules or is reserved
   */
  public static void checkLabelName(String name) {
    if (!isName(name, false)) {
      throw new IllegalArgumentException("Invalid metric label name: " + name);
    }
    if (name.startsWith("__")) {
      throw new IllegalArgumentException(
          "Invalid metric label name, reserved for internal use: " + name);
    }
  }

  /* The rules of simpleclient 0.16, [a-zA-Z_:][a-zA-Z0-9_:]* and the same without colons. Without
   * regular expressions, because names are checked while an application starts. */
  private static boolean isName(String name, boolean colons) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean digit = c >= '0' && c <= '9' && i > 0;
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!letter && !digit && !(c == ':' && colons)) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private static void checkUnit(String name, String unit) {
    if (unit == null || (!unit.isEmpty() && !name.endsWith("_" + unit))) {
      throw new IllegalArgumentException("Unit " + unit + " is not the end of the name " + name);
    }
  }

  private static void checkDistinct(String name, List<String> labelNames) {
    Set<String> seen = new HashSet<>();
    for (String labelName : labelNames) {
      if (!seen.add(labelName)) {
        throw new IllegalArgumentException("Duplicate label name " + labelName + " in " + name);
      }
    }
  }

  private static void checkBounds(MetricType type, List<Double> bounds) {
    if (type != MetricType.HISTOGRAM && !bounds.isEmpty()) {
      throw new IllegalArgumentException("only a histogram has buckets");
    }
    double previous = Double.NEGATIVE_INFINITY;
    for (double bound : bounds) {
      if (!(bound > previous) || bound == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException("bucket bounds are not ascending and finite: " + bounds);
      }
      previous = bound;
    }
  }
}
