package io.github.multiprom.model;

import java.util.List;

/**
 * One family of the retained totals, as a retiring pass or a repair writes it.
 *
 * @param descriptor its name and shape; a name may come with several shapes
 * @param series its series
 */
public record RetainedFamily(FamilyDescriptor descriptor, List<RetainedSeries> series) {}
