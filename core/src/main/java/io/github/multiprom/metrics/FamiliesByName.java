package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All families of a worker, in the order in which their names came. Guarded by the {@link
 * SeriesPublisher}, except for {@link #knownSampleNames}.
 */
final class FamiliesByName {
  private final Map<String, NamedFamilies> families = new LinkedHashMap<>();
  // Null when a family came or went.
  private volatile Set<String> sampleNames;

  boolean has(String name) {
    return families.containsKey(name);
  }

  /** The family of a name, that with these label names and bounds if there are several. */
  MetricFamily find(FamilyDescriptor shape) {
    NamedFamilies named = families.get(shape.name());
    if (named == null) {
      return null;
    }
    MetricFamily same = named.find(shape);
    return same != null ? same : named.all().get(0);
  }

  /** The families of a family's name; empty, and not kept, if there are none. */
  NamedFamilies named(MetricFamily family) {
    NamedFamilies named = families.get(family.descriptor.name());
    return named != null ? named : new NamedFamilies();
  }

  List<MetricFamily> all() {
    List<MetricFamily> all = new ArrayList<>();
    for (NamedFamilies named : families.values()) {
      all.addAll(named.all());
    }
    return all;
  }

  /** Adds a family and its children. */
  void add(MetricFamily family, List<Series> children) {
    NamedFamilies named = named(family);
    named.add(family);
    for (Series child : children) {
      named.added(child);
    }
    families.put(family.descriptor.name(), named);
    sampleNames = null;
  }

  void remove(String name) {
    families.remove(name);
    sampleNames = null;
  }

  /** The sample names of all families; null if they are to be collected. Without a lock. */
  Set<String> knownSampleNames() {
    return sampleNames;
  }

  Set<String> collectSampleNames() {
    Set<String> names = new HashSet<>();
    for (MetricFamily family : all()) {
      names.addAll(family.sampleNames());
    }
    sampleNames = names;
    return names;
  }
}
