package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// The disk for mails and attachments is full: the address says so, nothing at
// Microsoft is touched, and with room again everything comes in.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{Process: true})
	disk := mountSmallDisk(t)
	w.Stop()
	w.Config.Blob = disk
	w.Start()
	connected(w)
	w.Mail(hello("Before"))
	w.Until("the first mail filed", func() bool { return len(w.Folder(Support, "Tandem")) == 1 })

	filler := fill(t, disk)
	w.Mail(hello("During"))
	w.Mail(hello("And again"))
	w.Until("the error at the address", func() bool { return w.connection(Support).Error.Code == "disk_full" })
	if c := w.connection(Support); c.Error.Side != "tandem" || c.Error.Remedy == "" {
		t.Errorf("the error is %+v", c.Error)
	}
	w.checkPagesOpen()
	if waiting := w.Folder(Support, "inbox"); len(waiting) != 2 || waiting[0].IsRead || waiting[1].IsRead {
		t.Errorf("in the Inbox are %+v, want both mails, unread", waiting)
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.awaitTickets(3)
	w.Until("the mails filed and the connection well", func() bool {
		return len(w.Folder(Support, "Tandem")) == 3 && w.connection(Support).Status == "verified"
	})
}

// The database has no room either: Tandem can write nothing at all, and loses
// nothing all the same.
func TestFullDiskOfTheDatabase(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{Process: true})
	disk := mountSmallDisk(t)
	w.Stop()
	if err := os.CopyFS(filepath.Join(disk, "data"), os.DirFS(w.Config.Data)); err != nil {
		t.Fatal(err)
	}
	w.Config.Data = filepath.Join(disk, "data")
	w.Start()
	connected(w)
	w.Mail(hello("Before"))
	w.awaitTickets(1)

	filler := fill(t, disk)
	for _, subject := range []string{"During", "And again", "And once more"} {
		w.Mail(hello(subject))
	}
	w.Until("the database without room", func() bool { return w.act(Support, "sync").Code() == "disk_full" })
	w.checkPagesOpen()
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.act(Support, "sync").Want(202)
	w.awaitTickets(4)
}

// mountSmallDisk mounts a file system of a few megabytes, or skips the test.
func mountSmallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount the small disk: %v", err)
		}
	})
	return dir
}

// fill writes until there is no room, and returns the file that took it.
func fill(t *testing.T, disk string) string {
	t.Helper()
	file, err := os.Create(filepath.Join(disk, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for err == nil {
		_, err = file.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("fill the disk: %v", err)
	}
	return file.Name()
}
