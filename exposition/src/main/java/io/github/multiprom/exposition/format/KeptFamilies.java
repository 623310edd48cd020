package io.github.multiprom.exposition.format;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.model.FamilyDescriptor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** What a writer keeps of families from scrape to scrape. One thread. */
final class KeptFamilies<T> {
  private static final int MAX_GONE = 16;
  private static final int MAX_OTHERS = 1_000;

  private record Kept<T>(FamilyDescriptor definition, T what) {}

  private final Function<FamilyDescriptor, T> make;
  private final Map<String, Kept<T>> byName = new HashMap<>();

  /** Nothing yet, and how it is made. */
  KeptFamilies(Function<FamilyDescriptor, T> make) {
    this.make = make;
  }

  /** What there is of a family with this definition. */
  T of(FamilyDescriptor definition) {
    Kept<T> kept = byName.get(definition.name());
    if (kept == null || !kept.definition.equals(definition)) {
      kept = new Kept<>(definition, make.apply(definition));
      byName.put(definition.name(), kept);
    }
    return kept.what;
  }

  /** Forgets families that are gone: all but these. */
  void forgetGone(List<MergedFamily> all) {
    forgetOthers(all, MAX_GONE);
  }

  /** If nobody asks for all families, those that are gone are forgotten here. */
  void forgetSome(List<MergedFamily> some) {
    forgetOthers(some, MAX_OTHERS);
  }

  private void forgetOthers(List<MergedFamily> families, int max) {
    if (byName.size() > 2 * families.size() + max) {
      Set<String> names = new HashSet<>();
      families.forEach(family -> names.add(family.descriptor().name()));
      byName.keySet().retainAll(names);
    }
  }
}
