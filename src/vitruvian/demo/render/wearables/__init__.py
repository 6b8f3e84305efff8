"""What watches and apps of the same lives export: Apple Health and Open mHealth."""

from vitruvian.demo.render.wearables.app import SHEET_HEAD as DIARY_HEAD
from vitruvian.demo.render.wearables.app import Diary, diaries
from vitruvian.demo.render.wearables.watch import SHEET_HEAD as WATCH_HEAD
from vitruvian.demo.render.wearables.watch import Watch, watches

__all__ = ["DIARY_HEAD", "WATCH_HEAD", "Diary", "Watch", "diaries", "watches"]
