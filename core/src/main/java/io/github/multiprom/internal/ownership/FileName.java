package io.github.multiprom.internal.ownership;

import io.github.multiprom.model.Incarnation;

/**
 * What the name of a file in a metrics directory says. Immutable.
 *
 * <p>A file is ours by its whole name only. Every other one is foreign: never opened, replaced or
 * deleted.
 *
 * @param kind what the file is
 * @param incarnation whose it is; null for the files of a whole directory
 * @param uid the user whose totals, spare or locks it is in a directory that users share; -1 for
 *     the one of the directory
 * @param temporary whether the file has not got its name yet
 */
public record FileName(Kind kind, Incarnation incarnation, long uid, boolean temporary) {
  /** Stands for no user. */
  public static final long NO_UID = -1;

  private static final int MAX_UID_DIGITS = 10;

  /** What a file is, and how its name ends or, for the files of a whole directory, is. */
  public enum Kind {
    WORKER(StoreFiles.WORKER_SUFFIX),
    LEASE(StoreFiles.LEASE_SUFFIX),
    MAP(StoreFiles.MAP_SUFFIX),
    RETAINED(StoreFiles.RETAINED_NAME),
    SPARE(StoreFiles.SPARE_NAME),
    LOCK(StoreFiles.LOCK_NAME),
    /** The lock of the worker that serves a port, whose name goes on with the port. */
    PORT(StoreFiles.PORT_PREFIX),
    /** A lock that has not got its name yet, which is always temporary. */
    NEW_LOCK(StoreFiles.NEW_LOCK_SUFFIX);

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    private boolean isOfIncarnation() {
      return this == WORKER || this == LEASE || this == MAP || this == NEW_LOCK;
    }
  }

  private static final Kind[] KINDS = Kind.values();

  /** What a name says; null if it is foreign. */
  public static FileName parse(String name) {
    boolean temporary = name.endsWith(StoreFiles.TEMPORARY_SUFFIX);
    String rest =
        temporary ? name.substring(0, name.length() - StoreFiles.TEMPORARY_SUFFIX.length()) : name;
    if (rest.startsWith(StoreFiles.PORT_PREFIX)) {
      return temporary ? null : ofPort(rest);
    }
    for (Kind kind : KINDS) {
      if (kind.isOfIncarnation()) {
        int length = Incarnation.HEX_LENGTH;
        if (rest.length() == length + kind.text.length()
            && rest.endsWith(kind.text)
            && (temporary || kind != Kind.NEW_LOCK)
            && Incarnation.isHex(rest.substring(0, length))) {
          return new FileName(
              kind, Incarnation.parse(rest.substring(0, length)), NO_UID, temporary);
        }
      } else if (rest.equals(kind.text)) {
        return new FileName(kind, null, NO_UID, temporary);
      } else if (rest.startsWith(kind.text + ".")) {
        long uid = uid(rest.substring(kind.text.length() + 1));
        return uid == NO_UID ? null : new FileName(kind, null, uid, temporary);
      }
    }
    return null;
  }

  /** A port, perhaps a hyphen and a network, perhaps a dot and a user. */
  private static FileName ofPort(String name) {
    int dot = name.indexOf('.', StoreFiles.PORT_PREFIX.length());
    String port = name.substring(StoreFiles.PORT_PREFIX.length(), dot < 0 ? name.length() : dot);
    long uid = dot < 0 ? NO_UID : uid(name.substring(dot + 1));
    boolean known = !port.isEmpty() && (dot < 0 || uid != NO_UID);
    for (int i = 0; i < port.length(); i++) {
      char c = port.charAt(i);
      known &= (c >= '0' && c <= '9') || (c == '-' && i > 0);
    }
    return known ? new FileName(Kind.PORT, null, uid, false) : null;
  }

  private static long uid(String digits) {
    boolean number = !digits.isEmpty() && digits.length() <= MAX_UID_DIGITS;
    for (int i = 0; i < digits.length(); i++) {
      number &= digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
    }
    return number && (digits.length() == 1 || digits.charAt(0) != '0')
        ? Long.parseLong(digits)
        : NO_UID;
  }

  /** Whether it holds the totals of retired workers. */
  public boolean isRetained() {
    return kind == Kind.RETAINED && !temporary;
  }

  /** Whether it is the file of a worker that has its name. */
  public boolean isWorker() {
    return kind == Kind.WORKER && !temporary;
  }
}
