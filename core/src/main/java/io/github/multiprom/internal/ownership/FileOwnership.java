package io.github.multiprom.internal.ownership;

import io.github.multiprom.internal.os.ProcessUser;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.Settings;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whose a metrics directory is, and what follows from it for the files in it. Immutable: it tells
 * of the moment at which the directory was looked at. Thread-safe.
 *
 * <p>The mode of a directory without the sticky bit is its policy: each user who may write in it
 * may count in it, and all of them share one <em>ledger</em> (retained totals, spare and lock). In
 * a directory with the sticky bit ({@code /tmp}, {@code /dev/shm}) users do not trust one another.
 * Each has a ledger of its own, whose file names end in the user's id, and a collector reads files
 * of its own user, of root and of the directory's owner only.
 *
 * <p>Where files have no owners, every file is trusted. {@link FileSharing} gives files the
 * permissions that follow from the directory.
 */
public final class FileOwnership {
  /** The value of {@link Settings#TRUST} that trusts the files of all users. */
  static final String TRUST_ANY = "any";

  private static final String SETTING =
      "-D" + Settings.TRUST + "=" + TRUST_ANY + " (--trust " + TRUST_ANY + ")";

  /** A user whom this process' user namespace does not know; owns no file. */
  private static final long NOBODY = -2;

  private static final int STICKY = 01000;
  private static final int OTHERS_WRITE = 0002;

  private final Path directory;
  private final ProcessUser self;
  private final boolean trustAny;
  // Whether the directory has an owner, a group and a mode that can be read.
  private final boolean known;
  private final long owner;
  private final int group;
  private final int mode;
  private final long user;

  private FileOwnership(
      Path directory, ProcessUser self, boolean known, long owner, int group, int mode, long user) {
    this.directory = directory;
    this.self = self;
    this.trustAny = TRUST_ANY.equals(System.getProperty(Settings.TRUST));
    this.known = known;
    this.owner = owner;
    this.group = group;
    this.mode = mode;
    this.user = user;
  }

  /** Says once if the setting has a value that means nothing. */
  public static void checkSetting() {
    String trust = System.getProperty(Settings.TRUST, "");
    if (!trust.isBlank() && !trust.equals(TRUST_ANY)) {
      StoreLog.warnOnce(
          Settings.TRUST + "=" + trust,
          "System property "
              + Settings.TRUST
              + " cannot be \""
              + trust
              + "\", only \""
              + TRUST_ANY
              + "\"; no files of other users are trusted");
    }
  }

  /** Looks at a directory, which may be missing. */
  public static FileOwnership of(Path directory) {
    return of(directory, ProcessUser.current());
  }

  public static FileOwnership of(Path directory, ProcessUser self) {
    try {
      Map<String, Object> attributes = Files.readAttributes(directory, "unix:uid,gid,mode");
      return new FileOwnership(
          directory,
          self,
          self.uid() != ProcessUser.UNKNOWN,
          Integer.toUnsignedLong((Integer) attributes.get("uid")),
          (Integer) attributes.get("gid"),
          (Integer) attributes.get("mode"),
          self.uid());
    } catch (IOException | RuntimeException e) {
      return new FileOwnership(directory, self, false, 0, 0, 0, self.uid());
    }
  }

  /** The same, for the ledger of another user in a directory that users share. */
  public FileOwnership inNameOf(long otherUser) {
    return new FileOwnership(directory, self, known, owner, group, mode, otherUser);
  }

  /**
   * The ledgers that this process may write: its own or, in a directory that users share, also
   * those of the users whose files it may give back to them.
   *
   * @throws IOException if the directory cannot be read
   */
  public List<FileOwnership> ledgers() throws IOException {
    if (!isShared()) {
      return List.of(this);
    }
    Set<Long> users = new TreeSet<>(Set.of(user));
    if (self.mayGiveFiles()) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path file : files) {
          if (FileName.parse(file.getFileName().toString()) != null) {
            users.add(ownerOf(file));
          }
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    }
    return users.stream().filter(self::isMapped).map(this::inNameOf).toList();
  }

  /** Whether a file belongs to a worker that the ledger may take over, by its owner. */
  public boolean isOfLedger(Path file) {
    return !isShared() || ownerOf(file) == user;
  }

  public Path directory() {
    return directory;
  }

  /** Whether users who do not trust one another share the directory: it has the sticky bit. */
  public boolean isShared() {
    return known && (mode & STICKY) != 0;
  }

  /** In whose name the process acts where users share the directory. */
  public long actsFor() {
    return user;
  }

  /** Whose ledger it is; {@link FileName#NO_UID} if it is that of the directory. */
  public long user() {
    return isShared() ? user : FileName.NO_UID;
  }

  /**
   * The user whose ledger a file is by its name, as this process knows it; {@link FileName#NO_UID}
   * if the file is of the directory's ledger.
   */
  public long userOf(FileName name) {
    if (name.uid() == FileName.NO_UID) {
      return FileName.NO_UID;
    }
    long inside = self.inside(name.uid());
    return inside == ProcessUser.UNKNOWN ? NOBODY : inside;
  }

  /** The retained totals. */
  public Path retained() {
    return named(StoreFiles.RETAINED_NAME);
  }

  /** The blocks of the next generation of the retained totals. */
  public Path spare() {
    return named(StoreFiles.SPARE_NAME);
  }

  /** The lock, held by who retires. */
  public Path lock() {
    return named(StoreFiles.LOCK_NAME);
  }

  /**
   * The lock of the worker that serves the directory at a port.
   *
   * @param network what tells apart hosts of the directory that have ports of their own; empty if
   *     there is one
   */
  public Path portLock(int port, String network) {
    return named(StoreFiles.PORT_PREFIX + port + (network.isEmpty() ? "" : "-" + network));
  }

  private Path named(String name) {
    // As the user is known outside of a user namespace: others share the directory.
    return directory.resolve(isShared() ? name + "." + self.outside(user) : name);
  }

  /** Whether files of a user are trusted. */
  public boolean trusts(long fileOwner) {
    return !isShared()
        || trustAny
        || (self.isMapped(fileOwner)
            && (self.uid() == ProcessUser.ROOT
                || fileOwner == ProcessUser.ROOT
                || fileOwner == self.uid()
                || fileOwner == owner));
  }

  /** Whether a file is trusted, by its owner. */
  public boolean trusts(Path file) {
    return !isShared() || trusts(ownerOf(file));
  }

  /**
   * Whether a file of a ledger is trusted: only its user and root can have made it.
   *
   * @param ledgerUser whose ledger it is by its name; {@link FileName#NO_UID} if it is that of the
   *     directory
   */
  public boolean trustsLedger(Path file, long ledgerUser) {
    if (!isShared()) {
      return true;
    }
    long fileOwner = ownerOf(file);
    return trusts(fileOwner)
        && (ledgerUser == FileName.NO_UID
            || fileOwner == ledgerUser
            || fileOwner == ProcessUser.ROOT);
  }

  /** Whether totals are trusted to list workers of this process' user. */
  public boolean mayListOwn(Path totals, FileName name) {
    long ledgerUser = userOf(name);
    return (ledgerUser == FileName.NO_UID || ledgerUser == self.uid())
        && trustsLedger(totals, ledgerUser);
  }

  /** Why a file that is not trusted is not, and what to do. */
  public String mistrust(Path file) {
    return "belongs to uid "
        + ownerOf(file)
        + " in a directory with the sticky bit, which this process of uid "
        + self.uid()
        + " does not trust; "
        + SETTING
        + " trusts all users";
  }

  /**
   * Why this process must not retire workers here; null if it may.
   *
   * <p>What it cannot give to the directory's owner that one might not be able to use any more.
   */
  public String reasonNotToRetire() {
    if (!known || trustAny) {
      return null;
    }
    if (isShared()) {
      if (!self.isMapped(self.uid())) {
        return "the user of this process has no id in its user namespace";
      }
      return user == self.uid() || self.mayGiveFiles()
          ? null
          : "they belong to uid " + user + ", and this process runs as uid " + self.uid();
    }
    boolean mine = owner == self.uid() || owner == ProcessUser.ROOT || self.mayGiveFiles();
    if ((mine && self.isMapped(owner)) || (mode & OTHERS_WRITE) != 0) {
      return null;
    }
    return "the directory belongs to uid "
        + owner
        + ", to whom this process of uid "
        + self.uid()
        + " cannot give the totals; let uid "
        + owner
        + " or root collect, or set "
        + SETTING;
  }

  /** As if the process could not give files away: it has the capability, and it does not work. */
  FileOwnership withoutGiving() {
    ProcessUser bounded = new ProcessUser(self.uid(), false, self.uidMap());
    return new FileOwnership(directory, bounded, known, owner, group, mode, user);
  }

  /** Whether owner, group and mode of the directory can be read, and the process' user is known. */
  boolean isKnown() {
    return known;
  }

  /** The directory's group. */
  int group() {
    return group;
  }

  /** The directory's mode. */
  int mode() {
    return mode;
  }

  /** The user of this process. */
  ProcessUser self() {
    return self;
  }

  /** To whom a ledger's files belong. */
  long ledgerOwner() {
    return isShared() ? user : owner;
  }

  /** Who owns a file; {@link FileName#NO_UID} if that cannot be told. */
  public static long ownerOf(Path file) {
    try {
      return Integer.toUnsignedLong(
          (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS));
    } catch (IOException | RuntimeException e) {
      return FileName.NO_UID;
    }
  }
}
