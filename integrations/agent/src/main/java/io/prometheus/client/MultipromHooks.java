package io.prometheus.client;

import java.util.Enumeration;
import java.util.function.BiFunction;

/**
 * What the changed classes of simpleclient call. Thread-safe; never throws. It names no other class
 * of simpleclient, because it is defined while the first of them is being loaded.
 */
public final class MultipromHooks {
  /** The agent: takes the name of what happened and its arguments. */
  public static volatile BiFunction<String, Object[], Object> agent;

  private MultipromHooks() {}

  /** A family made a child, which has no thread yet but this one. */
  public static void made(Object child, Object family, String[] labelValues) {
    tell("made", family, child, labelValues);
  }

  /** A family was given a child. */
  public static void set(Object family, Object child, String[] labelValues) {
    tell("set", family, child, labelValues);
  }

  /** A child is about to be removed. */
  public static void remove(Object family, String[] labelValues) {
    tell("remove", family, labelValues);
  }

  /** All children are about to be removed. */
  public static void clear(Object family) {
    tell("clear", family);
  }

  /** A collector was registered. */
  public static void registered(Object registry, Object collector) {
    tell("registered", registry, collector);
  }

  /** A collector was unregistered. */
  public static void unregistered(Object registry, Object collector) {
    tell("unregistered", registry, collector);
  }

  /** All collectors of a registry were unregistered. */
  public static void cleared(Object registry) {
    tell("cleared", registry);
  }

  /**
   * What a registry shows.
   *
   * @param filter names of samples, a predicate of them, or null for all
   * @return null for what it holds itself
   */
  public static Enumeration<?> samples(Object registry, Object filter) {
    return (Enumeration<?>) tell("samples", registry, filter);
  }

  private static Object tell(String what, Object... arguments) {
    BiFunction<String, Object[], Object> told = agent;
    try {
      return told == null ? null : told.apply(what, arguments);
    } catch (RuntimeException | Error e) {
      // The application matters more than its metrics.
      return null;
    }
  }
}
