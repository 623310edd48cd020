package io.github.multiprom.model;

import java.util.List;

/**
 * One family of the retained totals, as it is to be written.
 *
 * @param descriptor its name and shape; a name may come with several shapes
 * @param series its series
 */
public record RetainedFamily(FamilyDescriptor descriptor, List<RetainedSeries> series) {}
