package io.github.multiprom.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the equal series of a family's parts: those with the same label set, which is their group.
 * One thread.
 *
 * <p>Groups keep their numbers while parts come, grow and go. What an {@linkplain #update update}
 * costs goes by the parts that changed and by the number of groups; all series are walked along
 * only if some were removed, or a part went.
 *
 * <p>A group is shown if some life of it counts, see {@link SeriesLives}. A series is <em>left
 * out</em> if its life does not count although its group is shown.
 */
final class SeriesGroups {
  /** Is told of series. */
  interface Visitor {
    /** Visits a part's series, which is of a group. */
    void visit(int part, int series, int group);
  }

  /** Is told of series of parts that are gone. */
  interface GoneVisitor {
    /** Visits a part's series, which was of a group. */
    void visit(Part part, int series, int group);
  }

  /** One part, and what is known of its series. */
  private static final class Member {
    private Part part;
    private int[] groups = {};
    private int greatestGroup = -1;
    private final BitSet removed = new BitSet();
    private final BitSet hidden = new BitSet();
    private final BitSet leftOut = new BitSet();
    private int place = -1;
    // What the last update changed.
    private int before;
    private int known;
    private boolean hasRemoved;
    private boolean hasLeftOut;

    int seriesCount() {
      return groups.length;
    }
  }

  private record Place(Source source, int family) {
    static Place of(Part part) {
      return new Place(part.source(), part.familyIndex());
    }
  }

  private final SeriesLabels labels;
  private final SeriesTable table = new SeriesTable();
  private List<Part> parts = List.of();
  private List<Member> members = List.of();
  // By group: how many series it has, and how many of them count.
  private int[] series = {};
  private int[] counting = {};
  // Groups of which some worker removed a series.
  private final BitSet removed = new BitSet();
  // Groups of which the last update decided anew what counts.
  private final BitSet renewed = new BitSet();
  // What the last update did not find any more.
  private List<Member> gone = List.of();

  /** The groups of some parts. */
  SeriesGroups(SeriesLabels labels, List<Part> parts) {
    this.labels = labels;
    update(parts);
  }

  /** Follows the parts: those whose source and family were there before go on. */
  void update(List<Part> now) {
    Map<Place, Member> before = new HashMap<>();
    members.forEach(member -> before.put(Place.of(member.part), member));
    renewed.clear();
    List<Member> all = new ArrayList<>(now.size());
    for (Part part : now) {
      Member member = before.remove(Place.of(part));
      all.add(follow(member == null ? new Member() : member, part));
    }
    for (int p = 0; p < all.size(); p++) {
      all.get(p).place = p;
    }
    gone = List.copyOf(before.values());
    gone.forEach(this::remove);
    parts = List.copyOf(now);
    members = all;
    decide();
  }

  // A part that did not change is the same object.
  @SuppressWarnings("ReferenceEquality")
  private Member follow(Member member, Part part) {
    member.before = member.place;
    member.known = member.seriesCount();
    member.hasRemoved = false;
    member.hasLeftOut = false;
    if (member.part != part) {
      member.part = part;
      addSeries(member);
      noteRemovals(member);
    }
    return member;
  }

  private void addSeries(Member member) {
    Part part = member.part;
    int from = member.known;
    int[] places = labels.placesIn(part);
    int[] groups = Arrays.copyOf(member.groups, part.seriesCount());
    table.expect(from == 0 ? 0 : groups[from - 1] + 1);
    for (int i = from; i < groups.length; i++) {
      List<String> values = part.descriptor(i).labelValues();
      int group = table.indexOf(places == null ? values : SeriesLabels.padded(values, places));
      groups[i] = group;
      member.greatestGroup = Math.max(member.greatestGroup, group);
      if (group == series.length) {
        series = Arrays.copyOf(series, 2 * group + 1);
        counting = Arrays.copyOf(counting, series.length);
      }
      series[group]++;
      counting[group]++;
      if (removed.get(group)) {
        renewed.set(group);
      }
    }
    member.groups = groups;
  }

  private void noteRemovals(Member member) {
    for (int i = 0; i < member.groups.length; i++) {
      if (member.part.isRemoved(i) && !member.removed.get(i)) {
        member.removed.set(i);
        member.hasRemoved = true;
        removed.set(member.groups[i]);
        renewed.set(member.groups[i]);
      }
    }
  }

  private void remove(Member member) {
    for (int i = 0; i < member.groups.length; i++) {
      int group = member.groups[i];
      series[group]--;
      counting[group] -= member.hidden.get(i) ? 0 : 1;
      if (removed.get(group)) {
        renewed.set(group);
      }
    }
  }

  /** Without removals all series count. */
  private void decide() {
    if (!renewed.isEmpty()) {
      SeriesLives lives = new SeriesLives(parts);
      visit(renewed, lives::add);
      lives.decide(this::noteCounting);
      visit(renewed, this::noteLeftOut);
    }
  }

  private void noteCounting(int p, int i, boolean counts) {
    Member member = members.get(p);
    if (member.hidden.get(i) == counts) {
      member.hidden.flip(i);
      counting[member.groups[i]] += counts ? 1 : -1;
    }
  }

  private void noteLeftOut(int p, int i, int group) {
    Member member = members.get(p);
    boolean leftOut = isShown(group) && member.hidden.get(i);
    if (member.leftOut.get(i) != leftOut) {
      member.leftOut.flip(i);
      member.hasLeftOut = true;
    }
  }

  /** Visits all series of some groups, in the order of the parts. */
  void visit(BitSet groups, Visitor visitor) {
    int first = groups.nextSetBit(0);
    for (int p = 0; first >= 0 && p < members.size(); p++) {
      Member member = members.get(p);
      for (int i = 0; first <= member.greatestGroup && i < member.groups.length; i++) {
        if (groups.get(member.groups[i])) {
          visitor.visit(p, i, member.groups[i]);
        }
      }
    }
  }

  /** Visits the series of the parts that the last update did not find any more. */
  void visitGone(GoneVisitor visitor) {
    for (Member member : gone) {
      for (int i = 0; i < member.groups.length; i++) {
        visitor.visit(member.part, i, member.groups[i]);
      }
    }
  }

  List<Part> parts() {
    return parts;
  }

  /** The number of groups. */
  int size() {
    return table.size();
  }

  /** Whether more than half of the groups have no series any more. */
  boolean isMostlyEmpty() {
    int empty = 0;
    for (int group = 0; group < size(); group++) {
      empty += series[group] == 0 ? 1 : 0;
    }
    return 2 * empty > size();
  }

  /** The group of a part's series. */
  int groupOf(int part, int i) {
    return members.get(part).groups[i];
  }

  /** Whether what a series counted is still to be shown; see {@link SeriesLives}. */
  boolean isCounting(int part, int i) {
    return !members.get(part).hidden.get(i);
  }

  /** Whether a group has a series that counts, so that collectors show it. */
  boolean isShown(int group) {
    return counting[group] > 0;
  }

  /** Whether a series does not count although its group is shown. */
  boolean isLeftOut(int part, int i) {
    return members.get(part).leftOut.get(i);
  }

  /** Where a part was before the last update; -1 if it was not there. */
  int before(int part) {
    return members.get(part).before;
  }

  /** How many series of a part were there before the last update: they are its first ones. */
  int known(int part) {
    return members.get(part).known;
  }

  /** Whether since the last update others of a part's series are left out. */
  boolean hasLeftOut(int part) {
    return members.get(part).hasLeftOut;
  }

  /** Whether the last update found that a part's worker removed some of its series. */
  boolean hasRemoved(int part) {
    return members.get(part).hasRemoved;
  }

  /** The groups of which the last update decided anew what counts. */
  BitSet renewed() {
    return renewed;
  }

  /** All groups, in the order of their values. Not to be written. */
  int[] sorted() {
    return table.sorted();
  }

  /** The values of a group, one for each name. */
  List<String> labelValues(int group) {
    return table.labelValues(group);
  }
}
