package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import java.util.ArrayList;
import java.util.List;

/**
 * The names of a family's samples: its own name and what its type puts behind, as simpleclient
 * does. Thread-safe.
 */
public final class SampleNames {
  private SampleNames() {}

  /**
   * The samples of each series, in the order in which they are exposed; a histogram's first one
   * stands for its buckets, and that of a summary with quantiles for these. Samples that tell when
   * a series was made are apart.
   */
  public static List<String> of(FamilyDescriptor family) {
    String name = family.name();
    return switch (family.type()) {
      case COUNTER -> List.of(name + "_total");
      case GAUGE, STATESET -> List.of(name);
      case INFO -> List.of(name + "_info");
      case SUMMARY ->
          family.window() == null
              ? List.of(name + "_count", name + "_sum")
              : List.of(name, name + "_count", name + "_sum");
      case HISTOGRAM -> List.of(name + "_bucket", name + "_count", name + "_sum");
    };
  }

  /** The sample that tells when a series was made. */
  public static String created(FamilyDescriptor family) {
    return family.name() + "_created";
  }

  /** All samples that a family can have. */
  public static List<String> all(FamilyDescriptor family) {
    List<String> names = new ArrayList<>(of(family));
    if (!family.type().isSet()) {
      names.add(created(family));
    }
    return names;
  }

  /**
   * The names that a family takes for itself: simpleclient's registry claims the family's name,
   * too, and samples {@code _created} give way to other families.
   */
  static List<String> claimed(FamilyDescriptor family) {
    List<String> names = new ArrayList<>(of(family));
    if (!names.contains(family.name())) {
      names.add(family.name());
    }
    return names;
  }
}
