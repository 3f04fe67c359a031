"""What a system says where a disk, a drive or a right is missing, as a sentence that tells what to do."""

from __future__ import annotations

import errno

from ecogeo.wording import Text

DISK_FULL = Text(
    "磁盘已满或超出配额，请腾出空间后重做", "the disk is full or the quota used up: free some space, then do it again"
)
NO_RIGHT = Text(
    "没有读写权限，请让管理员开放权限后重做", "you may not read or write there: have it opened, then do it again"
)
READ_ONLY = Text("该盘是只读的，请换一个可写的位置", "that disk can only be read: choose a place that can be written")
IN_USE = Text("文件正被另一个程序打开，请关闭后重做", "another program has the file open: close it, then do it again")
DRIVE_GONE = Text(
    "磁盘或网络盘读写出错，可能已断开；请重新连接后重做",
    "the disk or network drive fails or is gone: connect it again, then do it again",
)
VANISHED = Text("文件或文件夹不见了，请核对后重做", "the file or folder is gone: look where it is, then do it again")
TOO_MANY_OPEN = Text(
    "打开的文件太多，请关闭其他程序或让管理员提高上限后重做",
    "too many files are open: close other programs or have the limit raised, then do it again",
)

_BY_NAME = {
    **dict.fromkeys(("ENOSPC", "EDQUOT", "EFBIG"), DISK_FULL),
    **dict.fromkeys(("EACCES", "EPERM"), NO_RIGHT),
    "EROFS": READ_ONLY,
    **dict.fromkeys(("EBUSY", "ETXTBSY"), IN_USE),
    **dict.fromkeys(("EIO", "ESTALE", "ENXIO", "ENODEV", "EREMOTEIO", "ENOTCONN", "ETIMEDOUT"), DRIVE_GONE),
    **dict.fromkeys(("EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ECONNRESET"), DRIVE_GONE),
    **dict.fromkeys(("ENOENT", "ENOTDIR"), VANISHED),
    **dict.fromkeys(("EMFILE", "ENFILE"), TOO_MANY_OPEN),
}
_BY_NUMBER = {getattr(errno, name): text for name, text in _BY_NAME.items() if hasattr(errno, name)}
_BY_WINDOWS = {
    **dict.fromkeys((39, 112), DISK_FULL),
    **dict.fromkeys((32, 33), IN_USE),
    19: READ_ONLY,
    **dict.fromkeys((21, 51, 53, 54, 55, 59, 64, 67, 121, 1117, 1167, 1231, 1232, 1236), DRIVE_GONE),
}
"""Numbers of Windows that its translation into those of C tells less of."""


def system_trouble(error: OSError) -> Text | None:
    """Return what an error of the system means and what to do; None where nobody could say.

    Parameters
    ----------
    error
        What was raised; paths in it are left out.

    Examples
    --------
    >>> system_trouble(OSError(errno.ENOSPC, "No space left on device")).en
    'the disk is full or the quota used up: free some space, then do it again'
    """
    windows = getattr(error, "winerror", None)
    found = None if windows is None else _BY_WINDOWS.get(windows)
    return found or _BY_NUMBER.get(error.errno or 0)
